"""Commands for broadcasts and operators' notes."""
