"""Files that commands write: lists and posters, never over another file."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.common.i18n import Translator

if TYPE_CHECKING:
    from bot.config.settings import Settings
    from bot.documents.pdf import Fonts
    from bot.documents.posters import Code


async def poster(
    path: Path,
    make: "Callable[[Fonts, Sequence[Code]], bytes]",
    codes: "Sequence[Code]",
    settings: "Settings",
    done: str,
    t: Translator,
) -> int:
    """Writes the PDF that `make` makes, in the fonts of this installation; the exit code."""
    from bot.documents.errors import Unprintable
    from bot.documents.pdf import fonts_with

    if wrong := unwritable(path, (".pdf",), t):
        return refuse(wrong)
    try:
        fonts = fonts_with(settings.print_font)
    except ValueError:
        return refuse(t("YIZHAN_PRINT_FONT is not a font that can be read."))
    try:
        data = make(fonts, codes)
    except Unprintable as lacking:
        print(
            t(
                "No font has: {characters}. Name a larger font with YIZHAN_PRINT_FONT.",
                characters=lacking.characters,
            )
        )
        return 1
    if not codes:
        print(t("No QR code: give --telegram NAME, or set YIZHAN_PUBLIC_URL."))
    return await write(path, data, done, t)


def chat_codes(
    telegram: str | None,
    settings: "Settings",
    start: str = "",
    page: str = "",
    wechat_url: str = "",
) -> "list[Code]":
    """QR codes that open the chat, with `start` as its first message; a browser opens `page`.

    `wechat_url`: what WeChat's own code for `start` says, where there is one.
    """
    from bot.documents import posters

    return posters.chat_codes(telegram or "", settings.public_url, start, page, wechat_url)


def table(path: Path, title: str, rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as csv or xlsx, by the file's name."""
    from bot.services.spreadsheets.writer import csv_bytes, xlsx_bytes

    return csv_bytes(rows) if path.suffix.lower() == ".csv" else xlsx_bytes(title, rows)


def unwritable(path: Path, endings: tuple[str, ...], t: Translator) -> str:
    """Why this file will not be written; empty if it can be."""
    if path.suffix.lower() not in endings:
        return t("{file}: name it {endings}.", file=path, endings=t(" or ").join(endings))
    if path.exists():
        return t("{file} exists already; name a file that does not.", file=path)
    if not path.parent.is_dir():
        return t("The folder of {file} does not exist; make it first.", file=path)
    return ""


async def write(path: Path, data: bytes, done: str, t: Translator, mode: int = 0o644) -> int:
    """Writes a new file and prints `done`; the exit code."""
    try:
        path.touch(mode, exist_ok=False)  # somebody may have made it since it was looked for
        await asyncio.to_thread(path.write_bytes, data)
    except OSError:
        return refuse(t("{file} cannot be written; check the path and its rights.", file=path))
    print(done)
    return 0


def refuse(sentence: str) -> int:
    """Prints why not, to stderr; the exit code."""
    print(sentence, file=sys.stderr)
    return 2
