"""Station lists: columns, rows, plan and apply."""
