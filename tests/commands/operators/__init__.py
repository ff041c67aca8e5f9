"""`yizhan operators`."""
