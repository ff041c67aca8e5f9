"""Brute-force lockout: how often something may be guessed wrong before it is locked."""
