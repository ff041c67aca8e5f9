"""What couriers are told ahead: stations closed tomorrow, and cold, dust or heat in a league."""
