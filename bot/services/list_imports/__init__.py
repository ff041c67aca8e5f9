"""Lists that operators import in the console: uploaded, answered, previewed, written, undone."""
