"""Talking with a person: asked for, ended, and what of it the bot says."""
