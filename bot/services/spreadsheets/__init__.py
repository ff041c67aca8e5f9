"""Reads and writes tables in csv and xlsx."""
