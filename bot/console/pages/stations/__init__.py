"""Stations: the list, and one station with its changes."""
