"""Couriers: profiles, consents, linked chats and preferences."""
