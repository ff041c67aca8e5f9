"""The one door by which what a bank reports comes in, whether by file or by API.

`plan` compares records with the applications, reads only and says what each would do; `apply`
writes that. Sent twice, a record does nothing the second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.services.cards.errors import CardsChanged
from bot.services.cards.records import CardRecord, Outcome, Step
from bot.services.cards.repository import (
    applications_of,
    histories_of,
    tell,
    write_applications,
    write_facts,
    write_stages,
)
from bot.services.cards.statuses import UNKNOWN, code_of
from bot.services.cards.transitions import decide
from bot.services.dataset_version import Dataset, dataset_version, raise_version
from bot.services.operators import notes
from bot.store.encryption import Keyring

PIECE: Final = 500
"""Records of one statement: memory, and the time that nobody else runs, stay small."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying the records would do to the applications of `version`.

    `outcomes` stand in the order of the records.
    """

    version: int
    outcomes: tuple[Outcome, ...]
    steps: tuple[Step, ...]
    unknown: Mapping[str, int]

    @property
    def refused(self) -> bool:
        """Whether any record was refused."""
        return any(one.kind == "refused" for one in self.outcomes)


async def plan(
    db: AsyncSession, keys: Keyring, records: Sequence[CardRecord], now: datetime
) -> Plan:
    """Compares the records with the applications; reads only."""
    version = await dataset_version(db, Dataset.CARDS)
    groups: dict[str, list[int]] = {}
    unknown: dict[str, int] = {}
    for place, record in enumerate(records):
        groups.setdefault(record.number, []).append(place)
        if code_of(record.label) == UNKNOWN:
            unknown[record.label] = unknown.get(record.label, 0) + 1
    outcomes = [Outcome("unchanged")] * len(records)
    steps: list[Step] = []
    for piece in pieces(groups.items(), PIECE):
        held = await applications_of(db, keys, [number for number, _ in piece])
        asked = [
            held[number].id
            for number, places in piece
            if number in held and (len(places) > 1 or held[number].status == UNKNOWN)
        ]
        histories = await histories_of(db, asked)
        for number, places in piece:
            before = held.get(number)
            past = histories.get(before.id, ()) if before else ()
            outcome, step = decide(before, past, [records[one] for one in places], now)
            for place in places:
                outcomes[place] = outcome
            if step is not None:
                steps.append(step)
    return Plan(version, tuple(outcomes), tuple(steps), unknown)


async def apply(db: AsyncSession, keys: Keyring, done: Plan, now: datetime, source: str) -> None:
    """Writes what the plan says, except for what it refused, and tells those who are bound.

    Raises `CardsChanged` when the applications are no longer those it was made for.
    """
    if await raise_version(db, Dataset.CARDS) != done.version + 1:
        raise CardsChanged
    await _write(db, keys, done, now, source)


async def take(
    db: AsyncSession, keys: Keyring, records: Sequence[CardRecord], now: datetime, source: str
) -> tuple[Outcome, ...]:
    """Plans and applies at once: what can be taken is, whatever else was refused."""
    await raise_version(db, Dataset.CARDS)
    done = await plan(db, keys, records, now)
    await _write(db, keys, done, now, source)
    return done.outcomes


async def _write(db: AsyncSession, keys: Keyring, done: Plan, now: datetime, source: str) -> None:
    for label in done.unknown:
        mark = keys.index(label, "card_application.label").hex()
        await notes.write(db, keys, "card.label", f"card.label:{mark}", {}, now, label)
    for piece in pieces(done.steps, PIECE):
        ids = await write_applications(db, keys, piece, now)
        await write_facts(db, keys, piece, ids)
        await write_stages(db, keys, piece, ids, now, source)
        await tell(db, [(ids[one.after.number], one.after) for one in piece if one.moves], now)
