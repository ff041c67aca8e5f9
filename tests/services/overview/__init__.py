"""The services of the overview pages."""
