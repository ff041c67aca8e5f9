"""Messages to many couriers: written, tried out, sent, watched."""
