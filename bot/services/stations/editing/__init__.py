"""Changes of single stations by hand, and undoing revisions of stations and holidays."""
