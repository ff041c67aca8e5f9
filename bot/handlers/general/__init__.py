"""Greeting, help and free text."""
