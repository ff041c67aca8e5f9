"""`python -m bot` and the `yizhan` command."""

import sys

from bot.commands.cli import main

if __name__ == "__main__":
    sys.exit(main())
