"""A list of campaigns, csv or xlsx: read, compared with what is stored, and written as a whole."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.values import value
from bot.geo.places import Kind, Places
from bot.services.dataset_version import Dataset, raise_version
from bot.services.operators import revisions
from bot.services.operators.revisions import Origin, Record, RevisionKind, Value
from bot.services.spreadsheets import reader
from bot.services.spreadsheets.faults import TableFault
from bot.services.spreadsheets.tables import Answers, Columns, Problem, Table
from bot.store.models.honours import CampaignRow
from bot.store.upsert import upsert

MAX_BYTES: Final = 1_000_000
PROSE: Final = ("rules", "rules_en")
COLUMNS: Final[Columns] = MappingProxyType(
    {
        "code": ("编号", "code"),
        "title": ("名称", "title"),
        "title_en": ("英文名称", "title_en"),
        "rules": ("规则", "rules"),
        "rules_en": ("英文规则", "rules_en"),
        "leagues": ("盟市", "leagues"),
        "nominate_from": ("提名开始", "nominate_from"),
        "nominate_until": ("提名截止", "nominate_until"),
        "vote_from": ("投票开始", "vote_from"),
        "vote_until": ("投票截止", "vote_until"),
        "winners": ("获奖人数", "winners"),
    }
)
"""Field → its Chinese heading and its English one."""
REQUIRED: Final = (
    "code", "title", "rules", "nominate_from", "nominate_until", "vote_from", "vote_until",
    "winners",
)  # fmt: skip
LENGTHS: Final = {"code": 32, "title": 60, "title_en": 120, "rules": 600, "rules_en": 1200}
MOST_WINNERS: Final = 100
_CODE: Final = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
_DATES: Final = ("nominate_from", "nominate_until", "vote_from", "vote_until")
_SPLIT: Final = re.compile("[,，、;；\\s]+")


class CampaignFault(StrEnum):
    """What can be wrong with a row, beside the faults of any table."""

    CODE = "campaign_code"
    CODE_TWICE = "campaign_twice"
    ENDS_BEFORE = "campaign_ends_before"
    """The last day of a period is before its first, or the voting ends before it can begin."""
    WINNERS = "campaign_winners"
    LEAGUE = "campaign_league"
    PUBLISHED = "campaign_published"
    """The result was published: the campaign no longer changes."""


@value
class Entry:
    """One row."""

    code: str
    title: str
    title_en: str
    rules: str
    rules_en: str
    leagues: str
    nominate_from: date
    nominate_until: date
    vote_from: date
    vote_until: date
    winners: int

    def values(self) -> dict[str, Value]:
        """As revisions keep it."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {k: v.isoformat() if isinstance(v, date) else v for k, v in given.items()}


@value
class CampaignPlan:
    """What the list would add and change; `problems` forbid writing. Campaigns that it does not
    name stay as they are."""

    new: tuple[Entry, ...]
    changed: tuple[tuple[Entry, Record], ...]
    unchanged: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def read(
    data: bytes,
    name: str,
    *,
    mapping: Answers = MappingProxyType({}),
    remembered: Mapping[str, Answers] = MappingProxyType({}),
) -> Table:
    """The table in the file; see `reader.read` for the arguments. Raises `FileRefused`."""
    return reader.read(
        data,
        COLUMNS,
        csv_name=name,
        prose=PROSE,
        mapping=mapping,
        remembered=remembered,
        max_bytes=MAX_BYTES,
    )


def league_names(places: Places) -> Mapping[str, str]:
    """The adcode of each league by its name, its short name and itself."""
    found: dict[str, str] = {}
    for place in places.by_adcode.values():
        if place.kind is Kind.LEAGUE:
            names = (place.adcode, place.name, place.name.removesuffix("市").removesuffix("盟"))
            found |= dict.fromkeys(names, place.adcode)
    return found


async def plan(db: AsyncSession, table: Table, leagues: Mapping[str, str]) -> CampaignPlan:
    """Compares the table with the stored campaigns. `leagues`: adcodes by name."""
    stored = {row.code: row for row in await db.scalars(select(CampaignRow))}
    problems = list(table.problems)
    entries: dict[str, Entry] = {}
    for sheet in table.sheets:
        lacking = [one for one in REQUIRED if one not in sheet.fields]
        problems += [
            Problem(sheet.name, 0, COLUMNS[one][0], "", TableFault.MISSING_COLUMN)
            for one in lacking
        ]
        for row, cells in () if lacking else sheet.rows:
            values = dict(zip(sheet.fields, cells, strict=True))
            faults = list(_faults(values, entries, stored, leagues))
            problems += [
                Problem(sheet.name, row, sheet.headings[column], values[column], code, params)
                for column, code, params in faults
            ]
            if not faults:
                entries[values["code"]] = _entry(values, leagues)
    new, changed, unchanged = [], [], 0
    for code, entry in entries.items():
        if code not in stored:
            new.append(entry)
            continue
        before, after = _stored(stored[code]).values(), entry.values()
        differing = [name for name in after if after[name] != before[name]]
        if differing:
            was, now = ({name: one[name] for name in differing} for one in (before, after))
            changed.append((entry, Record(code, was, now)))
        else:
            unchanged += 1
    return CampaignPlan(tuple(new), tuple(changed), unchanged, tuple(problems), table.warnings)


def records(plan: CampaignPlan) -> list[Record]:
    """What a plan writes, as a revision keeps it."""
    new = [Record(one.code, None, one.values()) for one in plan.new]
    return [*new, *(record for _, record in plan.changed)]


async def apply(db: AsyncSession, plan: CampaignPlan, origin: Origin, now: datetime) -> int | None:
    """Writes the plan; the number of the revision, None where nothing changes."""
    done = records(plan)
    if not done:
        return None
    version = await raise_version(db, Dataset.HONOURS)
    for entry in (*plan.new, *(one for one, _ in plan.changed)):
        values = {one.name: getattr(entry, one.name) for one in fields(Entry)}
        values |= {"updated_at": now}
        row = upsert(db, CampaignRow).values(**values, is_sample=False)
        await db.execute(row.on_conflict_do_update(index_elements=[CampaignRow.code], set_=values))
    return await revisions.record(db, RevisionKind.HONOURS, origin, done, now, version=version)


def _faults(
    values: Mapping[str, str],
    entries: Mapping[str, Entry],
    stored: Mapping[str, CampaignRow],
    leagues: Mapping[str, str],
) -> Iterable[tuple[str, str, Mapping[str, str]]]:
    """Column, code and parameters of each fault of a row."""
    nothing: Mapping[str, str] = {}
    missing = [name for name in REQUIRED if not values[name]]
    yield from ((name, TableFault.REQUIRED, nothing) for name in missing)
    for name, most in LENGTHS.items():
        if len(values.get(name, "")) > most:
            yield name, TableFault.TOO_LONG, {"max_length": str(most)}
    code = values["code"]
    if code and not _CODE.fullmatch(code):
        yield "code", CampaignFault.CODE, nothing
    elif code in entries:
        yield "code", CampaignFault.CODE_TWICE, nothing
    elif code in stored and stored[code].published_at is not None:
        yield "code", CampaignFault.PUBLISHED, nothing
    days = {name: _day(values[name]) for name in _DATES}
    for name in _DATES:
        if values[name] and days[name] is None:
            yield name, TableFault.DATE, nothing
    for first, last in (("nominate_from", "nominate_until"), ("vote_from", "vote_until")):
        begins, ends = days[first], days[last]
        if begins is not None and ends is not None and ends < begins:
            yield last, CampaignFault.ENDS_BEFORE, nothing
    winners = values["winners"]
    known = winners.isascii() and winners.isdigit() and 1 <= int(winners) <= MOST_WINNERS
    if winners and not known:
        yield "winners", CampaignFault.WINNERS, {"most": str(MOST_WINNERS)}
    if any(one not in leagues for one in _SPLIT.split(values.get("leagues", "")) if one):
        yield "leagues", CampaignFault.LEAGUE, nothing


def _entry(values: Mapping[str, str], leagues: Mapping[str, str]) -> Entry:
    named = [one for one in _SPLIT.split(values.get("leagues", "")) if one]
    return Entry(
        code=values["code"],
        title=values["title"],
        title_en=values.get("title_en", ""),
        rules=values["rules"],
        rules_en=values.get("rules_en", ""),
        leagues=",".join(sorted({leagues[one] for one in named})),
        nominate_from=date.fromisoformat(values["nominate_from"]),
        nominate_until=date.fromisoformat(values["nominate_until"]),
        vote_from=date.fromisoformat(values["vote_from"]),
        vote_until=date.fromisoformat(values["vote_until"]),
        winners=int(values["winners"]),
    )


def _stored(row: CampaignRow) -> Entry:
    return Entry(**{one.name: getattr(row, one.name) for one in fields(Entry)})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
