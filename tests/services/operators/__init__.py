"""Accounts of operators, their sessions, roles, and the audit log."""
