"""Appointments as bank staff work on them in the console."""
