"""Telegram: private chats through the Bot API, by webhook or by long polling."""
