"""Conversations with couriers: the queue, one conversation, ready answers."""
