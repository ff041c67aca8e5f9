"""Photos of a station's door: encoded by us, kept in the database, shown to couriers."""
