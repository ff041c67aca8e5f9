"""Stations: catalogue, search and favourites."""
