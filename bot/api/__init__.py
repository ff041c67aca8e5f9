"""HTTP APIs for other systems: signed requests in, JSON out."""
