"""The rims: each channel parses what its platform sends and renders what the core answers."""
