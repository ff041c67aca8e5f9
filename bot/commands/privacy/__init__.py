"""Commands for personal data."""
