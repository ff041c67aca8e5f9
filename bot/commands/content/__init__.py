"""`yizhan content` and `yizhan lessons`."""
