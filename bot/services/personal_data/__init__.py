"""Checks and masks personal data."""
