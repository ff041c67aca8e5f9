"""Operators: accounts, sessions, notes to them, and the logs of what they saw and changed."""
