"""The terminal: the same conversation for whoever runs the bot, without any account."""
