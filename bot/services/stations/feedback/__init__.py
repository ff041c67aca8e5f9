"""What couriers are asked and told of stations after a visit, and what follows from their taps."""
