"""微课 and pieces of content in the chat."""
