"""Tables of the people who run the service: accounts, notes, lists, counts for the dashboard."""
