"""What the cells of a station list say, in whatever way they are written."""
