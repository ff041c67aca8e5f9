"""The terminal: the same conversation on the command line, without any account."""
