"""`yizhan honours`: campaigns, nominations, votes and results."""
