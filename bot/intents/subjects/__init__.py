"""What is asked about one subject in free words: rules beside the model."""
