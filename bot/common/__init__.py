"""Small parts without a subject that every layer may use."""
