"""Settings, keys and the database they name."""
