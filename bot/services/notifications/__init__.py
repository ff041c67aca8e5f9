"""Notices: the queue, quiet hours and push quota."""
