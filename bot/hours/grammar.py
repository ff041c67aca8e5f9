"""Plain text into hours: the usual week, the seasons of the year and the dated closures."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.hours import clock_times
from bot.hours.dates import YearPart
from bot.hours.errors import Fault, HoursError
from bot.hours.intervals import ALL_DAY
from bot.hours.scopes import said_by
from bot.hours.season_words import days_between, part_of_year
from bot.hours.statements import Said, is_said_of_holidays_alone, week_of
from bot.hours.tokens import COMMA, DAY_KINDS, Kind, Token, tokens
from bot.hours.weekly import CLOSED, LENGTH, Closure, Hours, Season

_CLOSING: Final = frozenset({Kind.OFF, Kind.EXCEPT})
_HOURS: Final = frozenset({Kind.SPAN, Kind.ALL_DAY})
_SHORTEST_SEASON: Final = 28
"""Fewer days without a year are this year's, not a part of every year that is closed."""
_NO_WEEK: Final = ((),) * 7


def read_plain(text: str) -> Hours:
    """A text as `tokens.plain` gives it. Raises `HoursError` with the piece at fault."""
    words = tokens(text)
    closures: tuple[Closure, ...] = ()
    kinds = {word.kind for word in words}
    if kinds & _DATED:
        words, closures = _take_closures(words)
    if any(mark in text for mark in "下晚傍夜"):
        _check_halves(words)
    if Kind.REST_OF_YEAR in kinds:
        words = _without_rest(words)
    if not (kinds & _YEARLY and any(word.kind in _YEARLY for word in words)):
        hours = week_of(said_by(words, text), text)
    else:
        hours = _seasonal(_sections(words), text)
    if not closures and not hours.seasons:
        return hours
    hours = replace(hours, closures=closures)
    if len(str(hours)) > LENGTH:
        raise HoursError(Fault.TOO_LONG, text[:20])
    return hours


def _check_halves(words: Sequence[Token]) -> None:
    """Refuses 2:30-5:30 beside 下午2:30-5:30: it may be the afternoon, too."""
    spans: list[tuple[str, str]] = []
    part = ""
    for word in words:
        if word.kind is Kind.SPAN:
            spans.append((word.text, part))
        if word.kind is not Kind.OPEN:
            part = word.text if word.kind is Kind.PART else ""
    if not any(clock_times.is_of_afternoon(*one) for one in spans):
        return
    for text, named in spans:
        if not named and clock_times.is_of_small_hours(text):
            raise HoursError(Fault.TIME, text)


_DATED: Final = frozenset({Kind.DATES, Kind.CLOSED_TIMES})
_YEARLY: Final = frozenset({Kind.SEASON, Kind.REST_OF_YEAR})


def _without_rest(words: list[Token]) -> list[Token]:
    """The words without 其他时间休息, where it is not said of seasons."""
    kinds = [word.kind for word in words]
    if Kind.SEASON in kinds or kinds[-2:] != [Kind.REST_OF_YEAR, Kind.OFF]:
        return words
    return words[:-2]


def _take_closures(words: list[Token]) -> tuple[list[Token], tuple[Closure, ...]]:
    """The words without those about dated closures, and the closures.

    非营业时段 2018-02-15至2018-02-16 17:00-22:00 2018-02-17 全天, 2018-02-15至2018-02-16休息.
    """
    rest: list[Token] = []
    closures: list[Closure] = []
    at = 0
    while at < len(words):
        word = words[at]
        following = words[at + 1].kind if at + 1 < len(words) else None
        match word.kind:
            case Kind.CLOSED_TIMES if following is Kind.DATES:
                at += 1
                while at < len(words) and words[at].kind is Kind.DATES:
                    closed = words[at + 1] if at + 1 < len(words) else None
                    closures.append(_closure(words[at], closed))
                    at += 2 if closed is not None and closed.kind in _HOURS else 1
                continue
            case Kind.DATES if following is Kind.OFF:
                closures.append(_closure(word, None))
                at += 2
                continue
            case Kind.CLOSED_TIMES | Kind.DATES:
                raise HoursError(Fault.UNREADABLE, word.text)
            case _:
                rest.append(word)
        at += 1
    return rest, tuple(closures)


def _closure(dates: Token, closed: Token | None) -> Closure:
    first, last = days_between(dates.text)
    if closed is None or closed.kind is not Kind.SPAN:
        return Closure(first, last)
    times = (clock_times.span(closed.text),)
    return Closure(first, last, () if times == ALL_DAY else times)


@dataclass(slots=True)
class _Section:
    """The words of one season, or of the rest of the year."""

    words: list[Token] = field(default_factory=list)
    part: YearPart | None = None
    name: str = ""
    """The words for the season; empty: of no season."""
    is_rest: bool = False
    """其余时间: the year without the seasons."""


def _sections(words: list[Token]) -> list[_Section]:
    """Each season with its words, whether it is named before its hours or in brackets after."""
    sections = [_Section()]
    at = 0
    while at < len(words):
        word, last = words[at], sections[-1]
        at += 1
        is_alone = word.kind is Kind.OPEN and [one.kind for one in words[at : at + 2]] == [
            Kind.SEASON,
            Kind.CLOSE,
        ]
        if is_alone:
            word = words[at]
            at += 2
        in_bracket = is_alone or word.text.startswith("(")
        match word.kind:
            case Kind.SEASON if in_bracket and last.words and last.words[-1].kind in _AFTER_HOURS:
                if last.part is not None or last.is_rest:
                    raise HoursError(Fault.SEASON, word.text)
                last.part, last.name = part_of_year(word.text), word.text
                sections.append(_Section())
            case Kind.SEASON:
                sections.append(_Section([], part_of_year(word.text), word.text))
            case Kind.REST_OF_YEAR:
                sections.append(_Section([], None, "", is_rest=True))
            case _:
                last.words.append(word)
    return [one for one in sections if one.words or one.name or one.is_rest]


_AFTER_HOURS: Final = _HOURS | {Kind.OFF, Kind.CLOSE}


def _seasonal(sections: list[_Section], text: str) -> Hours:
    for section in sections:
        if section.name and section.part is None:
            raise HoursError(Fault.SEASON, section.name)
    common: list[Token] = []
    first = sections[0]
    is_unnamed = bool(first.words) and not first.name and not first.is_rest
    if is_unnamed and all(word.kind in DAY_KINDS for word in first.words):
        common = sections.pop(0).words
    last = sections[-1]
    last.words, of_all = _about_all(last.words)
    if not last.words and not last.name:
        sections.pop()
    whole = said_by(of_all, text) if of_all else Said(())
    if not is_said_of_holidays_alone(whole):
        raise HoursError(Fault.SEASON, text[:20])
    usual: Hours | None = None
    seasons: list[Season] = []
    for section in sections:
        if section.part is not None:
            if _is_closed(section.words):
                # 2月16日-22日放假 is said of one year, without its number
                if section.part.days() < _SHORTEST_SEASON or section.words[0].text == "放假":
                    raise HoursError(Fault.SEASON, section.name)
                seasons.append(Season(section.part, CLOSED))
            else:
                hours = week_of(said_by([*common, *section.words], text).plus(whole), text)
                seasons.append(Season(section.part, hours))
        elif usual is not None or (seasons and not section.is_rest):
            raise HoursError(Fault.SEASON, text[:20])
        else:
            usual = week_of(said_by([*common, *section.words], text).plus(whole), text)
    _check_alike(sections, text)
    return _year(usual, seasons, text)


def _about_all(words: list[Token]) -> tuple[list[Token], list[Token]]:
    """Words, and those at their end that say of all seasons how public holidays are."""
    for at, word in enumerate(words):
        if word.gap < COMMA or word.kind not in {Kind.HOLIDAYS, Kind.ALIKE}:
            continue
        kinds = {one.kind for one in words[at:]}
        if kinds <= {Kind.HOLIDAYS, Kind.ALIKE, *_CLOSING}:
            return words[:at], words[at:]
    return words, []


def _is_closed(words: Sequence[Token]) -> bool:
    return [word.kind for word in words] == [Kind.OFF]


def _check_alike(sections: list[_Section], text: str) -> None:
    """Days named in one season and not in another: are they those of both?"""
    named = {
        any(word.kind in DAY_KINDS for word in one.words)
        for one in sections
        if not _is_closed(one.words)
    }
    if len(named) > 1:
        raise HoursError(Fault.CONFLICT, text[:20])


def _year(usual: Hours | None, seasons: list[Season], text: str) -> Hours:
    if usual is None and not any(any(one.hours.week) for one in seasons):
        raise HoursError(Fault.NO_TIMES, text[:20])
    if len({(one.hours.holiday is None) for one in seasons if one.hours != CLOSED}) > 1:
        raise HoursError(Fault.CONFLICT, text[:20])
    if usual is None:
        holidays = {one.hours.holiday for one in seasons}
        usual = Hours(_NO_WEEK, () if holidays == {()} else None)
    return Hours(usual.week, usual.holiday, tuple(seasons))
