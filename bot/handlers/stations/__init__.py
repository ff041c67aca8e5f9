"""Stations: search, results and details."""
