"""What operators are told, and what they looked at."""
