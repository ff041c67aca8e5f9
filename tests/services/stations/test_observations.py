"""What couriers and keepers observe, and what it does to the beliefs of both databases."""
