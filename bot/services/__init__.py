"""Each subject's rules and stored data: queries, changes, domain errors; no wording or channel."""
