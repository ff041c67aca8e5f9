"""Tables: One person on several channels, and what a channel must remember."""
