"""Reading .po files: what gettext finds in the .mo file of the same catalogue."""

import gettext
import io
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po as read_with_babel

from bot.common.po_files import PoFileError, read_po

LOCALES = Path(__file__).parents[2] / "locales"
HEADER = 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_it_finds_what_gettext_finds(locale: str) -> None:
    path = LOCALES / locale / "LC_MESSAGES" / "bot.po"
    with path.open("rb") as file:
        catalogue = read_with_babel(file, locale=locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    expected, found = gettext.GNUTranslations(compiled), read_po(path)
    assert len(catalogue) > 1000
    for message in catalogue:
        ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        if message.context is not None:
            asked = message.context, ids[0]
            assert found.pgettext(*asked) == expected.pgettext(*asked)
        elif len(ids) > 1:
            for n in (0, 1, 2, 5, 100):
                assert found.ngettext(ids[0], ids[1], n) == expected.ngettext(ids[0], ids[1], n)
        elif ids[0]:
            assert found.gettext(ids[0]) == expected.gettext(ids[0])


def test_a_message_without_a_translation_is_returned_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bot.po"
    path.write_text(
        HEADER + 'msgid "empty"\nmsgstr ""\n\n#, fuzzy\nmsgid "fuzzy"\nmsgstr "wrong"\n'
    )
    found = read_po(path)
    assert [found.gettext(one) for one in ("empty", "fuzzy", "new")] == ["empty", "fuzzy", "new"]
    assert [found.ngettext("{n} day", "{n} days", n) for n in (1, 2)] == ["{n} day", "{n} days"]
    assert found.pgettext("menu", "new") == "new"
    assert found.gettext("") == ""


def test_escapes_and_texts_over_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "bot.po"
    path.write_text(
        HEADER + 'msgid ""\n"a\\n"\n"\\"b\\""\nmsgstr "\\\\n\\t"\n"c"\n\n# end\n#~ msgid "old"\n'
    )
    assert read_po(path).gettext('a\n"b"') == "\\n\tc"


@pytest.mark.parametrize("wrong", ['msgid "open\nmsgstr ""', '"text"', "msgid", 'msgstr "text"'])
def test_a_line_that_is_not_understood(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "bot.po"
    path.write_text(HEADER + wrong + "\n")
    with pytest.raises(PoFileError):
        read_po(path)
