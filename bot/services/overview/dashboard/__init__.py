"""The figures of the operators' dashboard: counted from time to time, stored, and read."""
