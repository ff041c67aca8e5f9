"""`yizhan appointments`: what couriers and firms ask outlets for, and warnings against fraud."""
