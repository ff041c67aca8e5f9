"""Content of the operators: articles, topics, warnings, and lessons that couriers take."""
