"""Commands for station lists and holidays."""
