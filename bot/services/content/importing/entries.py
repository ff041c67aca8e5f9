"""Checks drafts: each becomes an entry, with its pictures encoded, or problems."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Final

from bot.common.values import value
from bot.services.content import lessons, markdown, pictures
from bot.services.content.catalogue import ContentKind
from bot.services.content.importing.columns import (
    KINDS,
    LENGTHS,
    MOST_MINUTES,
    MOST_POSITION,
    NO,
    TEXTS,
    YES,
)
from bot.services.content.importing.drafts import Draft
from bot.services.content.importing.faults import ContentFault
from bot.services.content.pictures import Picture
from bot.services.pictures import PictureFault, PictureRefused, hash_of
from bot.services.spreadsheets.tables import Problem

OpenPicture = Callable[[str], bytes | None]
"""The bytes of a picture by its path below the folder of the import, at most one more than
`pictures.MAX_BYTES`; None where there is no such file."""
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_TAG: Final = re.compile(r"[^\s,，、]+")
_PATH: Final = re.compile(r"(?!/)[^\\:*?\"<>|\x00-\x1f]{1,200}")
_STORED: Final = re.compile(r"[0-9a-f]{32}\.(?:jpg|png)")


@value
class Entry:
    """A piece of content as it is stored; the fields are those of `ContentRow`."""

    code: str
    kind: str
    position: int
    title: str
    title_en: str
    text: str
    text_en: str
    picture: str
    source: str
    valid_from: date | None
    valid_until: date | None
    review_on: date | None
    league: str
    tags: str
    minutes: int
    series: str
    series_en: str
    is_sample: bool


FIELDS: Final = tuple(Entry.__dataclass_fields__)


class EntryReader:
    """Reads drafts. `leagues`: adcode by each name; `stored`: names of the stored pictures."""

    def __init__(
        self, leagues: Mapping[str, str], open_picture: OpenPicture, stored: Collection[str]
    ) -> None:
        self.problems: list[Problem] = []
        self.pictures: dict[str, Picture] = {}
        self._leagues = leagues
        self._open_picture = open_picture
        self._stored = stored
        self._encoded: dict[str, str] = {}
        self._first: dict[str, str] = {}

    def read(self, draft: Draft) -> Entry | None:
        """The entry, None where something is wrong with the draft, which is in `problems`."""
        found = len(self.problems)
        entry = _Check(self, draft).entry()
        if entry.code:
            where = f"{draft.file}:{draft.line('code')}"
            if entry.code in self._first:
                other = {"other": self._first[entry.code]}
                fault = ContentFault.CODE_TWICE
                self.problems.append(draft.problem("code", fault, entry.code, params=other))
            self._first.setdefault(entry.code, where)
        return entry if len(self.problems) == found else None

    def league(self, name: str) -> str | None:
        """The adcode of a league by its name, "" for no name, None for one that is unknown."""
        return self._leagues.get(name) if name else ""

    def picture(self, folder: PurePosixPath, written: str) -> str:
        """The stored name of a picture that a draft names. Raises `PictureRefused`."""
        path = folder / written
        if not _PATH.fullmatch(written) or ".." in path.parts:
            raise PictureRefused(PictureFault.NAME)
        name = str(path)
        if name in self._encoded:
            return self._encoded[name]
        data = self._open_picture(name)
        if data is None:
            # An export names pictures as they are stored; a text alone may refer to them, too.
            if _STORED.fullmatch(path.name) and path.name in self._stored:
                return path.name
            raise PictureRefused(PictureFault.MISSING)
        if path.name in self._stored and hash_of(data) == path.stem:
            self._encoded[name] = path.name
            return path.name
        picture = pictures.encode(data)
        self.pictures[picture.name] = picture
        self._encoded[name] = picture.name
        return picture.name


class _Check:
    """Checks one draft, field by field."""

    def __init__(self, reader: EntryReader, draft: Draft) -> None:
        self._reader = reader
        self._draft = draft

    def entry(self) -> Entry:
        kind = self._kind()
        values = {name: self._text(name) for name in LENGTHS if name not in TEXTS}
        is_lesson = kind is ContentKind.LESSON
        text, text_en = (self._markdown(name, is_lesson=is_lesson) for name in TEXTS)
        if is_lesson:
            self._same_shape(text, text_en)
        for name in ("title", "source"):
            if not values[name]:
                self._wrong(name, ContentFault.REQUIRED)
        if values["title_en"] and not text_en:
            self._wrong("text_en", ContentFault.REQUIRED)
        if text_en and not values["title_en"]:
            self._wrong("title_en", ContentFault.REQUIRED)
        minutes = self._number("minutes", MOST_MINUTES)
        for name in ("minutes", "series"):
            if kind is not None and self._value(name) and not is_lesson:
                self._wrong(name, ContentFault.NOT_A_LESSON, self._value(name))
        if is_lesson and not minutes:
            self._wrong("minutes", ContentFault.REQUIRED)
        dates = {name: self._date(name) for name in ("valid_from", "valid_until", "review_on")}
        begins, ends = dates["valid_from"], dates["valid_until"]
        if begins and ends and ends < begins:
            self._wrong("valid_until", ContentFault.DATES_REVERSED, self._value("valid_until"))
        return Entry(
            code=self._code(),
            kind=kind or "",
            position=self._number("position", MOST_POSITION),
            title=values["title"],
            title_en=values["title_en"],
            text=text,
            text_en=text_en,
            picture=self._picture("picture", self._value("picture")),
            source=values["source"],
            valid_from=begins,
            valid_until=ends,
            review_on=dates["review_on"],
            league=self._league(),
            tags=",".join(_TAG.findall(values["tags"])),
            minutes=minutes,
            series=values["series"],
            series_en=values["series_en"],
            is_sample=self._flag("is_sample"),
        )

    def _value(self, name: str) -> str:
        return self._draft.values.get(name, "").strip()

    def _wrong(
        self, name: str, code: str, value: str = "", *, in_text: int = 0,
        params: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        problem = self._draft.problem(name, code, value, in_text=in_text, params=params)
        self._reader.problems.append(problem)

    def _kind(self) -> ContentKind | None:
        written = self._value("kind")
        kind = KINDS.get(written.casefold())
        if not written:
            self._wrong("kind", ContentFault.REQUIRED)
        elif kind is None:
            known = "、".join(one.value for one in ContentKind)
            self._wrong("kind", ContentFault.KIND, written, params={"known": known})
        return kind

    def _code(self) -> str:
        code = self._value("code")
        if not code:
            self._wrong("code", ContentFault.REQUIRED)
        elif not _CODE.fullmatch(code):
            self._wrong("code", ContentFault.CODE, code)
        return code

    def _text(self, name: str) -> str:
        text = self._value(name)
        if len(text) > LENGTHS[name]:
            most = {"max_length": str(LENGTHS[name])}
            self._wrong(name, ContentFault.TOO_LONG, text, params=most)
        if "<" in text and name != "tags" and re.search(r"<[a-zA-Z/!]", text):
            self._wrong(name, markdown.MarkdownFault.HTML, text)
        return text

    def _markdown(self, name: str, *, is_lesson: bool) -> str:
        """The text, with the stored names of its pictures."""
        text = self._draft.values.get(name, "")
        if not text.strip():
            if name == "text":
                self._wrong(name, ContentFault.REQUIRED)
            return ""
        if len(text) > LENGTHS[name]:
            most = {"max_length": str(LENGTHS[name])}
            self._wrong(name, ContentFault.TOO_LONG, params=most)
            return text
        if is_lesson:
            for fault in lessons.parse(text)[1]:
                params = dict(fault.params)
                self._wrong(name, fault.code, fault.found, in_text=fault.line, params=params)
        else:
            for wrong in markdown.parse(text)[1]:
                self._wrong(name, wrong.code, wrong.found, in_text=wrong.line)
        lines = text.split("\n")
        for number, line in enumerate(lines, 1):
            lines[number - 1] = markdown.PICTURE.sub(
                lambda found, at=number: (  # type: ignore[misc]
                    f"![{found[1]}]({self._picture(name, found[2], at)})"
                ),
                line,
            )
        return "\n".join(lines)

    def _picture(self, name: str, written: str, in_text: int = 0) -> str:
        if not written:
            return ""
        try:
            return self._reader.picture(self._draft.folder, written)
        except PictureRefused as refused:
            params = {"most": str(refused.most)}
            self._wrong(name, refused.code, written, in_text=in_text, params=params)
            return written

    def _same_shape(self, text: str, text_en: str) -> None:
        """Both languages have the same cards and questions: one may go on in the other."""
        if not (text and text_en):
            return
        (chinese, wrong), (english, also) = lessons.parse(text), lessons.parse(text_en)
        if not (wrong or also) and chinese.shape() != english.shape():
            self._wrong("text_en", ContentFault.OTHER_SHAPE, in_text=1)

    def _number(self, name: str, most: int) -> int:
        written = self._value(name)
        if not written:
            return 0
        if not (written.isascii() and written.isdigit() and int(written[:9]) <= most):
            self._wrong(name, ContentFault.NUMBER, written, params={"most": str(most)})
            return 0
        return int(written)

    def _date(self, name: str) -> date | None:
        written = self._value(name)
        if not written:
            return None
        found = _DATE.fullmatch(written)
        try:
            if found is not None:
                return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
        self._wrong(name, ContentFault.DATE, written)
        return None

    def _league(self) -> str:
        written = self._value("league")
        adcode = self._reader.league(written)
        if adcode is None:
            self._wrong("league", ContentFault.LEAGUE, written)
        return adcode or ""

    def _flag(self, name: str) -> bool:
        written = self._value(name).casefold()
        if written not in YES | NO:
            self._wrong(name, ContentFault.FLAG, written)
        return written in YES


def picture_names(entry: Entry) -> Iterator[str]:
    """The stored names of all pictures of an entry."""
    if entry.picture:
        yield entry.picture
    for text in (entry.text, entry.text_en):
        yield from (found[2] for found in markdown.PICTURE.finditer(text))
