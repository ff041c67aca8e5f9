"""How likely it is that a station is open and its facilities work, from what was observed there.

Pure: no database, no clock, no settings. docs/belief.md has the assumptions and the formulae.
"""
