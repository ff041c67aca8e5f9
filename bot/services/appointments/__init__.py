"""Call-backs and visits that couriers and firms ask an outlet for, with the operators' list."""
