"""HTTP interfaces for other systems: signed in, JSON out. They know services, not conversations."""
