"""The single ingestion path of a bank's records, whether by file or by API.

`plan` compares records with the applications, reads only and says what each would do; `apply`
writes that. Sent twice, a record does nothing the second time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.common.chunks import pieces
from bot.common.values import value
from bot.services.cards.errors import CardsChanged
from bot.services.cards.labels import LABEL, labels_of, mark
from bot.services.cards.records import (
    CardRecord,
    Outcome,
    OutcomeKind,
    RecordSource,
    Step,
)
from bot.services.cards.repository import (
    applications_of,
    histories_of,
    notify_bound,
    write_applications,
    write_facts,
    write_stages,
)
from bot.services.cards.statuses import CardStatus
from bot.services.cards.transitions import decide
from bot.services.dataset_version import Dataset, dataset_version, raise_version
from bot.services.operators import notes
from bot.services.operators.notes import NoteKind
from bot.store.encryption import Keyring

PIECE: Final = 500
"""Records of one statement: memory, and the time that others wait for the lock, stay small."""


@value
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
        return any(one.kind is OutcomeKind.REFUSED for one in self.outcomes)


async def plan(
    db: AsyncSession, keys: Keyring, records: Sequence[CardRecord], now: datetime
) -> Plan:
    """Compares the records with the applications; reads only."""
    version = await dataset_version(db, Dataset.CARDS)
    labels = await labels_of(db)
    groups: dict[str, list[int]] = {}
    unknown: dict[str, int] = {}
    for place, record in enumerate(records):
        groups.setdefault(record.number, []).append(place)
        if labels.status_of(record.label) is CardStatus.UNKNOWN:
            unknown[record.label] = unknown.get(record.label, 0) + 1
    outcomes = [Outcome(OutcomeKind.UNCHANGED)] * len(records)
    steps: list[Step] = []
    for piece in pieces(groups.items(), PIECE):
        known = await applications_of(db, keys, [number for number, _ in piece])
        wanted = [
            known[number].id
            for number, places in piece
            if number in known and (len(places) > 1 or known[number].status is CardStatus.UNKNOWN)
        ]
        histories = await histories_of(db, wanted)
        for number, places in piece:
            before = known.get(number)
            past = histories.get(before.id, ()) if before else ()
            outcome, step = decide(before, past, [records[one] for one in places], now, labels)
            for place in places:
                outcomes[place] = outcome
            if step is not None:
                steps.append(step)
    return Plan(version, tuple(outcomes), tuple(steps), unknown)


async def apply(
    db: AsyncSession, keys: Keyring, made: Plan, now: datetime, source: RecordSource
) -> None:
    """Writes what the plan says, except for what it refused, and notifies couriers who are bound.

    Raises `CardsChanged` when the applications are no longer those it was made for.
    """
    if await raise_version(db, Dataset.CARDS) != made.version + 1:
        raise CardsChanged
    await _write(db, keys, made, now, source)


async def take(
    db: AsyncSession,
    keys: Keyring,
    records: Sequence[CardRecord],
    now: datetime,
    source: RecordSource,
) -> tuple[Outcome, ...]:
    """Plans and applies at once; a record that is refused holds up no other."""
    await raise_version(db, Dataset.CARDS)
    made = await plan(db, keys, records, now)
    await _write(db, keys, made, now, source)
    return made.outcomes


async def _write(
    db: AsyncSession, keys: Keyring, made: Plan, now: datetime, source: RecordSource
) -> None:
    for label in made.unknown:
        key = mark(keys.index(label, LABEL))
        await notes.write(db, keys, NoteKind.CARD_LABEL, key, {}, now, label)
    for piece in pieces(made.steps, PIECE):
        ids = await write_applications(db, keys, piece, now)
        await write_facts(db, keys, piece, ids)
        await write_stages(db, keys, piece, ids, now, source)
        await notify_bound(
            db, [(ids[one.after.number], one.after) for one in piece if one.moves], now
        )
