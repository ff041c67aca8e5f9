"""The channels: each parses its platform's messages into events and renders answers for it."""
