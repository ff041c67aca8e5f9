"""Key rotation re-encrypts everything beside the service, however often it is interrupted."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import LargeBinary, insert, select, update

from bot.commands.running.maintenance import rotate_keys
from bot.common.i18n import load_languages
from bot.services.cards.applications import Cards
from bot.services.cards.blind_index import FactKind, fact, number_fact
from bot.services.cards.ingest import take
from bot.services.cards.lockout import Guesser
from bot.services.cards.records import CardRecord, RecordSource
from bot.services.privacy.key_rotation import indexed_columns, rotate, sealed_columns
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.administration.accounts import OperatorAccountRow
from bot.store.models.administration.operators import OperatorNoteRow
from bot.store.models.cards import CardApplicationRow, CardFactRow, CardRequestRow, CardStageRow
from bot.store.models.common import Table
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.couriers import CourierRow
from bot.store.models.honours import CampaignRow, NominationPhotoRow, NominationRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS, RECORD

SECOND = Keyring(2, {2: bytes(range(32)), **KEYS.keys})
ALONE = Keyring(2, {2: bytes(range(32))})
PLAIN = {
    "access_log.subject": "a hash of whom, of no use to anybody who wants to find them",
    "api_request.body_hash": "a hash of a whole body",
    "api_signature.signature": "a signature, public by nature",
    "key_check.sealed": "a known text, one for each key and bound to it",
    "operator_session.token_hash": "a hash of a random token that ends within 12 hours",
    "attempt.key": "a blind index that is forgotten within two days",
    "link_code.code_index": "of a code that is valid for ten minutes",
    "card_release.code_index": "of a code that is valid for a day and for one application",
    "honour_vote.network": "a keyed hash that is compared within an hour, gone with the vote",
    "content_picture.data": "a picture that anybody may see, encoded by us",
    "station_photo.data": "a photo of a door that anybody may see, encoded by us",
    "station_photo.small": "the same, smaller",
}
"""Binary columns that are neither sealed nor indexed, and why they need not be."""


def test_every_binary_column_is_sealed_indexed_or_explained() -> None:
    marked = {
        f"{column.table.name}.{column.name}"
        for found in (sealed_columns(), indexed_columns())
        for columns in found.values()
        for column in columns
    }
    binary = {
        f"{table.name}.{column.name}"
        for table in Table.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert binary == marked | PLAIN.keys()
    assert not marked & PLAIN.keys()


async def fill(store: Store, clock: ManualClock, count: int = 30) -> None:
    """Rows in every table that has something sealed."""
    now = clock()
    async with store.writing() as db:
        records = [replace(RECORD, number=f"NM{number:08}") for number in range(count)]
        await take(db, KEYS, records, now, RecordSource.IMPORT)
        db.add(CourierRow(id=1, created_at=now, seen_at=now))
        await db.flush()
        db.add(
            ChatRow(
                id=1,
                channel="web",
                external_id="x",
                courier_id=1,
                state=KEYS.seal("[]", "chat.state"),
                pushed=KEYS.seal("[]", "chat.pushed"),
                state_at=now,
            )
        )
        await db.flush()
        for number in range(count):
            answer = KEYS.seal(f"answer {number}", "inbox.answer")
            row = {"channel": "web", "event_id": str(number), "received_at": now, "answer": answer}
            await db.execute(insert(InboxRow).values(**row, chat_id=1))
        await db.execute(insert(InboxRow).values(channel="web", event_id="open", received_at=now))
        said = dict.fromkeys(("number", "name", "phone", "firm", "outlet"), "YQ-7K3M9P")
        sealed = {name: KEYS.seal(text, f"card_request.{name}") for name, text in said.items()}
        index = KEYS.index("YQ-7K3M9P", "card_request.number")
        await db.execute(
            insert(CardRequestRow).values(
                **sealed, number_index=index, courier_id=1, firm_code="", consent="1",
                status="new", created_at=now,
            )
        )  # fmt: skip
        account = {"id": 1, "name": "dorji", "role": "reader", "leagues": [], "created_at": now}
        secret = KEYS.seal("a secret", "operator_account.totp")
        db.add(OperatorAccountRow(**account, password_hash="", totp=secret))
        db.add(
            CampaignRow(
                id=1, code="x", title="x", rules="x", nominate_from=now.date(),
                nominate_until=now.date(), vote_from=now.date(), vote_until=now.date(),
                updated_at=now,
            )
        )  # fmt: skip
        await db.flush()
        said = dict.fromkeys(("number", "name", "firm", "story"), "ZM-7K3M9PQRST")
        sealed = {name: KEYS.seal(text, f"nomination.{name}") for name, text in said.items()}
        index = KEYS.index("ZM-7K3M9PQRST", "nomination.number")
        db.add(
            NominationRow(
                id=1, campaign_id=1, courier_id=1, **sealed, number_index=index, league="",
                status="new", created_at=now,
            )
        )  # fmt: skip
        await db.flush()
        photo = KEYS.seal("anBlZw==", "nomination_photo.photo")
        db.add(NominationPhotoRow(nomination_id=1, courier_id=1, photo=photo, at=now))
        detail = KEYS.seal("a note", "operator_note.detail")
        db.add(OperatorNoteRow(kind="x", dedupe_key="x", params={}, detail=detail, at=now))


def quiet(_table: str, _rows: int) -> None:
    """Nobody looks."""


async def test_everything_opens_and_is_found_with_the_new_key_alone(
    store: Store, clock: ManualClock
) -> None:
    await fill(store, clock)
    done = await rotate(store, SECOND, quiet, batch=7)
    assert done.left == {}
    assert done.values > 30 * 8
    async with store.reading() as db:
        for table, columns in sealed_columns().items():
            for column in columns:
                for value in await db.scalars(select(column).where(column.is_not(None))):
                    assert ALONE.open(value, f"{table.name}.{column.name}")
        index = ALONE.index(*number_fact("NM00000007"))
        mine = select(CardApplicationRow).where(CardApplicationRow.number_index == index)
        found = (await db.scalars(mine)).one()
        facts = await db.scalars(
            select(CardFactRow.fact_index).where(CardFactRow.application_id == found.id)
        )
        assert set(facts) == {
            ALONE.index(*fact(FactKind.PHONE, "NM00000007", "5678")),
            ALONE.index(*fact(FactKind.ID, "NM00000007", "123X")),
        }
        index = ALONE.index("YQ-7K3M9P", "card_request.number")
        asked = select(CardRequestRow.id).where(CardRequestRow.number_index == index)
        assert await db.scalar(asked)
        index = ALONE.index("ZM-7K3M9PQRST", "nomination.number")
        nominated = select(NominationRow.id).where(NominationRow.number_index == index)
        assert await db.scalar(nominated)
    async with store.writing() as db:
        assert await Cards(ALONE).prove(db, Guesser(1), "NM00000003", "5678", clock()) is not None
    again = await rotate(store, SECOND, quiet)
    assert (again.values, again.left) == (0, {})


async def test_an_interrupted_rotation_is_resumed(store: Store, clock: ManualClock) -> None:
    await fill(store, clock)
    told: list[tuple[str, int]] = []

    def break_off(table: str, rows: int) -> None:
        told.append((table, rows))
        if len(told) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotate(store, SECOND, break_off, batch=5)
    async with store.reading() as db:
        assert await Cards(SECOND).mine(db, 1) == []  # reading goes on meanwhile
    done = await rotate(store, SECOND, quiet, batch=5)
    assert done.left == {}


async def test_the_service_works_during_a_rotation(store: Store, clock: ManualClock) -> None:
    """New stages arrive under the new key while all is re-encrypted; nothing is lost of either."""
    await fill(store, clock)
    moved = [
        CardRecord(
            number=f"NM{number:08}", label="已领取", as_of=clock(), at=RECORD.as_of, name="李四"
        )
        for number in range(30)
    ]

    async def report() -> None:
        for one in moved:
            async with store.writing() as db:
                await take(db, SECOND, [one], clock(), RecordSource.API)

    await asyncio.gather(rotate(store, SECOND, quiet, batch=3), report())
    done = await rotate(store, SECOND, quiet)
    assert done.left == {}
    async with store.reading() as db:
        rows = (await db.scalars(select(CardApplicationRow))).all()
        assert {ALONE.open(one.name or b"", "card_application.name") for one in rows} == {"李四"}
        assert len((await db.scalars(select(CardStageRow.id))).all()) == 60


async def test_what_cannot_be_opened_is_counted_and_left(store: Store, clock: ManualClock) -> None:
    await fill(store, clock, count=3)
    strange = Keyring(9, {9: bytes(32)}).seal("x", "chat.state")
    async with store.writing() as db:
        await db.execute(update(ChatRow).values(state=strange, pushed=None))
    done = await rotate(store, SECOND, quiet)
    assert done.left == {9: 1}


async def test_the_command_says_when_old_keys_can_be_taken_away(
    store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    t = load_languages().of("en", None)
    await fill(store, clock, count=3)
    assert await rotate_keys(store, SECOND, t) == 0
    out = capsys.readouterr().out
    assert "card_application: 3 rows" in out
    assert "Everything is under key 2; the others can be taken away." in out
    assert await rotate_keys(store, Keyring(3, {3: bytes(32)}), t) == 1
    assert "values are under key 2, which is not there to open them." in capsys.readouterr().out
