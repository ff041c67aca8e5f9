"""Reads lists of any format into rows of known fields, and writes tables as csv and xlsx."""
