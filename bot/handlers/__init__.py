"""What is said: each module turns events into replies, in words that go through gettext."""
