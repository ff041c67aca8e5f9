"""What waits for operators, over all subjects."""
