"""Reads the sheets of each format of file, within limits."""
