"""Importing lists: upload, columns, coordinates, preview, writing, undo."""
