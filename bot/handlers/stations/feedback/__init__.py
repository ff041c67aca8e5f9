"""What couriers found: asked after the arrival, shown to others, and what came of it."""
