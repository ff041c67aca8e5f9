"""Session lists: columns, rows, plan and apply."""
