"""Lists of a bank, and how tests import them."""

import argparse
from gettext import NullTranslations
from pathlib import Path

from bot.commands.cards import cards
from bot.commands.messages import notes
from bot.common.i18n import Translator
from bot.store.encryption import new_key, parse_keys

KEYS = parse_keys(new_key())
say = Translator("en", NullTranslations())


def arguments(*words: str | Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command")
    cards.add_parser(commands, say)
    notes.add_parser(commands, say)
    return parser.parse_args([*map(str, words)])
