"""The neutral core: what a courier sent, what is answered, and how one becomes the other."""
