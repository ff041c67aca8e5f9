"""Couriers who talk with a person: asked for, taken, answered, closed, and kept for 30 days."""
