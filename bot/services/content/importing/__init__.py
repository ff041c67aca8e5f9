"""Content files: their keys and columns, reading, checking, comparing, writing and undoing."""
