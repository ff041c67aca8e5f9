"""A firm or station signs up several couriers for a training at once."""
