"""Notes to operators, and the log of the personal data that they looked at."""
