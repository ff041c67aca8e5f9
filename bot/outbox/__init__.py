"""Delivery of notices from the outbox: claimed, rendered, sent and settled."""
