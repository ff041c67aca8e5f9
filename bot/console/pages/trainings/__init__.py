"""Trainings: the list, one training, its attendees, its check-in screen."""
