"""Answers about money: topics, appointments with outlets, and whether something is fraud."""
