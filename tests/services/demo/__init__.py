"""The services of the demonstration data."""
