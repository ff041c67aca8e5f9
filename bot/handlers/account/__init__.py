"""A courier's own settings, linked chats and data."""
