"""Stations as operators find and change them, each within their leagues."""
