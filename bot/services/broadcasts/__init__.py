"""Messages from operators to many couriers."""
