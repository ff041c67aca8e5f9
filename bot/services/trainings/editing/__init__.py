"""Changes of single trainings by hand: drafted and shown first, then saved."""
