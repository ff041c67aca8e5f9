"""Stations that were entered twice: found, merged into one, and taken apart again."""
