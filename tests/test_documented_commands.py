"""Commands that manuals tell people to type exist and are spelled right."""

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path

import pytest

from bot.commands.cli import parser
from bot.common.i18n import Translator
from tests.support.paths import ROOT

MANUALS = ROOT / "docs" / "zh"


def commands() -> Iterator[tuple[str, str]]:
    """(manual, line): each line of a manual that begins with `yizhan`, and each in backquotes."""
    for path in sorted(MANUALS.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        for line in [*re.findall(r"^ *(yizhan .*)$", text, re.MULTILINE),
                     *re.findall(r"`(yizhan [^`]*)`", text)]:  # fmt: skip
            yield path.name, line.partition("  #")[0]


@pytest.mark.parametrize(("manual", "line"), list(commands()))
def test_a_command_of_a_manual_parses(manual: str, line: str) -> None:
    told = io.StringIO()
    with contextlib.redirect_stderr(told):
        try:
            args = parser(Translator("en", NullTranslations())).parse_args(shlex.split(line)[1:])
        except SystemExit:
            pytest.fail(f"{manual}: {line}\n{told.getvalue()}")
    assert callable(args.run)


def test_every_manual_shows_commands_and_its_links_lead_somewhere() -> None:
    manuals = sorted(MANUALS.glob("*.md"))
    assert {name for name, _ in commands()} == {path.name for path in manuals}
    for path in manuals:
        for target in re.findall(r"\]\(([^)#:]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / Path(target)).exists(), target
