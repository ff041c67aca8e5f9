"""What is true: values in, values out, domain errors raised; no words and no channels."""
