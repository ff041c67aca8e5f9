"""What each `yizhan` command does; `bot.__main__` only chooses among them."""
