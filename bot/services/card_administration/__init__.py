"""What card staff do in the console, each change with its audit row, within their leagues."""
