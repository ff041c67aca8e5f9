"""Content: the list, one piece with its previews, imports, and how lessons are taken."""
