"""What each `yizhan` command does; `bot.commands.cli.main` chooses among them."""
