"""A4 pages in Chinese, with QR codes; a missing glyph is an error, never a □.

Printed pages stay for years, so a character that no font has raises an error that names it instead
of printing a box that nobody notices in time.
"""

from pathlib import Path
from typing import Any, Final, Literal, Self

from bot.common.values import value
from bot.data import DATA
from bot.documents.errors import Unprintable

SUBSET: Final = DATA / "fonts" / "NotoSansSC-subset.otf"
A4: Final = (210.0, 297.0)
"""Millimetres, upright."""

Colour = tuple[int, int, int]
INK: Final[Colour] = (34, 36, 40)
GREY: Final[Colour] = (98, 102, 110)
RED: Final[Colour] = (171, 17, 27)
GOLD: Final[Colour] = (178, 140, 74)
WHITE: Final[Colour] = (255, 255, 255)
BOLD: Final = 0.024
"""Width of the outline that makes a regular face look bold, in parts of its size."""
POINT: Final = 25.4 / 72
"""Millimetres."""

_SUBSTITUTES: Final = str.maketrans({"—": "－", "–": "-", "〇": "○", "•": "·", " ": " ", "\n": " "})


@value
class Fonts:
    """The package's own font, and the operator's larger one for what it lacks.

    `face` is the number in a collection; 2 is Simplified Chinese in Noto's.
    """

    larger: Path | None = None
    face: int = 2


def fonts_with(larger: str) -> Fonts:
    """With the operator's font file, if one is named. Raises `ValueError` if it is no font."""
    if not larger:
        return Fonts()
    try:
        with Path(larger).open("rb") as file:
            kind = file.read(4)
        if kind not in _FONT_SIGNATURES:
            raise ValueError("neither TrueType nor OpenType")  # noqa: TRY301
        fonts = Fonts(Path(larger))
        with Page("", fonts):
            return fonts
    except Exception as error:  # fpdf and fontTools raise many kinds
        raise ValueError("not a font that can be read") from error


_FONT_SIGNATURES: Final = frozenset({b"OTTO", b"true", b"ttcf", b"\0\1\0\0"})


def substituted(text: str) -> str:
    """The text with some signs replaced by equivalents that every font has."""
    return text.translate(_SUBSTITUTES)


class Page:
    """One A4 page. Lengths are millimetres, sizes points; (0, 0) is the top left corner.

    To be used in a `with`, which closes the font files.
    """

    def __init__(self, title: str, fonts: Fonts, *, landscape: bool = False) -> None:
        """Raises `OSError` or fpdf's own errors if the larger font cannot be read."""
        from fpdf import FPDF  # slow to load, and seldom needed

        self.width, self.height = A4[::-1] if landscape else A4
        self._pdf = FPDF("landscape" if landscape else "portrait", "mm", "A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_title(title)
        self._pdf.set_lang("zh-CN")
        self._pdf.set_creator("yizhan-bot")
        self._pdf.add_font("subset", fname=SUBSET)
        if fonts.larger is not None:
            self._pdf.add_font("larger", fname=fonts.larger, collection_font_number=fonts.face)
            self._pdf.set_fallback_fonts(["larger"])
        self._pdf.add_page()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        fonts: list[Any] = list(self._pdf.fonts.values())
        for font in fonts:
            font.close()

    def frame(self, inset: float, thickness: float, colour: Colour) -> None:
        """A rectangle all around, that far from the edges."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(thickness)
        self._pdf.rect(inset, inset, self.width - 2 * inset, self.height - 2 * inset)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle."""
        self._pdf.set_fill_color(*colour)
        self._pdf.rect(x, y, width, height, style="F")

    def outline(
        self, x: float, y: float, width: float, height: float, thickness: float, colour: Colour
    ) -> None:
        """An empty rectangle with round corners."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(thickness)
        self._pdf.rect(x, y, width, height, round_corners=True, corner_radius=3)

    def line(
        self, x: float, y: float, to_x: float, to_y: float, thickness: float, colour: Colour
    ) -> None:
        """A straight line."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(thickness)
        self._pdf.line(x, y, to_x, to_y)

    def ring(self, x: float, y: float, radius: float, thickness: float, colour: Colour) -> None:
        """A circle around (x, y), white inside."""
        self._pdf.set_draw_color(*colour)
        self._pdf.set_fill_color(*WHITE)
        self._pdf.set_line_width(thickness)
        self._pdf.circle(x, y, radius, style="DF")

    def star(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A five-pointed star around (x, y)."""
        self._pdf.set_fill_color(*colour)
        self._pdf.star(x, y, radius * 0.382, radius, 5, 36, style="F")

    def width_of(self, text: str, size: float, spacing: float = 0) -> float:
        """How wide the text becomes."""
        self._set_pen(size, INK, spacing)
        return float(self._pdf.get_string_width(substituted(text)))

    def write(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        size: float,
        *,
        colour: Colour = INK,
        align: Literal["L", "C", "R"] = "L",
        bold: bool = False,
        spacing: float = 0,
        least: float = 0,
    ) -> None:
        """One line whose top is at `y`; too long, it is set smaller, down to `least`, then cut.

        `spacing`: points between the characters. Raises `Unprintable`.
        """
        self._check(text)
        text = substituted(text)
        while self.width_of(text, size, spacing) > width and size > (least or size):
            size -= 0.5
        if self.width_of(text, size, spacing) > width:
            while text and self.width_of(text + "…", size, spacing) > width:
                text = text[:-1]
            text += "…"
        self._set_pen(size, colour, spacing)
        self._pdf.set_xy(x, y)
        height = size * POINT * 1.3
        if not bold:
            self._pdf.cell(width, height, text, align=align)
            return
        from fpdf.enums import TextMode

        with self._pdf.local_context(
            text_mode=TextMode.FILL_STROKE, draw_color=colour, line_width=size * POINT * BOLD
        ):
            self._pdf.cell(width, height, text, align=align)

    def paragraph(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        size: float,
        *,
        lines: int,
        colour: Colour = INK,
        leading: float = 1.6,
        least: float = 0,
        align: Literal["L", "C"] = "L",
        bold: bool = False,
    ) -> float:
        """Up to `lines` lines, set smaller down to `least` to fit, then cut; the end's `y`.

        Chinese has no spaces: a line breaks anywhere but before a closing sign. Raises
        `Unprintable`.
        """
        self._check(text)
        rows = self._rows(text, width, size)
        while len(rows) > lines and size > (least or size):
            size -= 0.5
            rows = self._rows(text, width, size)
        if len(rows) > lines:
            rows = [*rows[: lines - 1], rows[lines - 1][:-1] + "…"]
        for row in rows:
            self.write(row, x, y, width + 1, size, colour=colour, align=align, bold=bold)
            y += size * POINT * leading
        return y

    def qr(self, text: str, x: float, y: float, width: float, colour: Colour = INK) -> None:
        """The text as a QR code, its quiet zone inside `width`; drawn, so it is sharp."""
        import segno

        code = segno.make(text, error="m", micro=False)
        modules = [list(row) for row in code.matrix]
        step = width / (len(modules) + 8)
        self.box(x, y, width, width, WHITE)
        self._pdf.set_fill_color(*colour)
        for row, cells in enumerate(modules, 4):
            run = 0
            for column, dark in enumerate([*cells, 0], 4):
                if dark:
                    run += 1
                elif run:
                    left = x + (column - run) * step
                    # Slightly higher than its row, or viewers show white lines in between.
                    self._pdf.rect(left, y + row * step, run * step, step * 1.02, style="F")
                    run = 0

    def data(self) -> bytes:
        """The PDF."""
        return bytes(self._pdf.output())

    def _check(self, text: str) -> None:
        fonts: list[Any] = list(self._pdf.fonts.values())
        missing = {
            one for one in substituted(text) if all(ord(one) not in font.cmap for font in fonts)
        }
        if missing:
            raise Unprintable("".join(sorted(missing)))

    def _set_pen(self, size: float, colour: Colour, spacing: float) -> None:
        self._pdf.set_font("subset", size=size)
        self._pdf.set_text_color(*colour)
        self._pdf.set_char_spacing(spacing)

    def _rows(self, text: str, width: float, size: float) -> list[str]:
        rows = [""]
        for one in substituted(text):
            row = rows[-1]
            if self.width_of(row + one, size) <= width or one in _CLOSING:
                rows[-1] += one
                continue
            # Latin words and numbers stay whole, as far as they fit a line.
            word = row[len(row.rstrip(_WORD)) :] if one in _WORD else ""
            if word == row:
                word = ""
            rows[-1] = row[: len(row) - len(word)]
            rows.append(word + one.strip())
        return rows


_CLOSING: Final = "，。、；：！？”）》"
_WORD: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:/"
