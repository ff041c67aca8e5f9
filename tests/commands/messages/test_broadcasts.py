"""`yizhan broadcast …` as an operator runs it."""

import argparse
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from gettext import NullTranslations
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.commands.messages.broadcasts import add_parser, run_in
from bot.common.i18n import Translator
from bot.services.broadcasts.fan_out import fan_out
from bot.services.notifications.queue import Topic, set_topic
from bot.store.engine import Store, open_store
from bot.store.models.broadcasts import BroadcastRow
from bot.store.models.conversation import ChatRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.trainings import create_couriers

Answer = Callable[[str], str]


say = Translator("en", NullTranslations())


def arguments(*words: str | Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(dest="command"), say)
    return parser.parse_args(["broadcast", *map(str, words)])


@pytest.fixture
async def file(sqlite_url: str, clock: ManualClock) -> AsyncIterator[Store]:
    """A SQLite database with four couriers; one has blocked the bot."""
    opened = await open_store(sqlite_url)
    async with opened.writing() as db:
        couriers = await create_couriers(db, 4, clock())
        gone = ChatRow.courier_id == couriers[3]
        await db.execute(update(ChatRow).where(gone).values(reachable=False))
    yield opened
    await opened.close()


class Commands:
    """Runs commands and keeps what they print."""

    def __init__(
        self, store: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.store = store
        self.clock = clock
        self._capsys = capsys

    async def __call__(self, code: int, *words: str | Path, ask: Answer | None = None) -> str:
        """What was printed; the exit code must be this one."""
        self._capsys.readouterr()
        given = await run_in(arguments(*words), self.store, say, clock=self.clock, ask=ask)
        captured = self._capsys.readouterr()
        assert given == code, captured
        return captured.out + captured.err

    async def count(self) -> int:
        async with self.store.reading() as db:
            return len(list(await db.scalars(select(BroadcastRow.id))))


@pytest.fixture
def commands(file: Store, clock: ManualClock, capsys: pytest.CaptureFixture[str]) -> Commands:
    """The command line on this store."""
    return Commands(file, clock, capsys)


SEND = ("send", "--topic", "training", "--text", "明天大风", "--text", "en=Wind tomorrow")


async def test_it_shows_whom_it_reaches_and_sends_nothing_unasked(commands: Commands) -> None:
    out = await commands(0, *SEND)
    for words in ("[zh_CN] 明天大风", "[en] Wind tomorrow", "Couriers: 4", "telegram: 3 are"):
        assert words in out
    assert "1 see it when they write next" in out
    assert "about 1 minutes at 25 a second; from 2026-11-23 10:00, through at 2026-11-23" in out
    assert "Add --yes" in out
    assert await commands.count() == 0


@pytest.mark.parametrize(
    ("channel", "silent", "pushed"),
    [
        ("telegram", timedelta(days=90), 3),
        ("wechat", timedelta(hours=47), 3),
        ("wechat", timedelta(hours=49), 0),
        ("web", timedelta(minutes=5), 3),
        ("web", timedelta(hours=1), 0),
    ],
)
async def test_only_who_can_be_written_to_now_counts_as_pushed_to(
    commands: Commands, clock: ManualClock, channel: str, silent: timedelta, pushed: int
) -> None:
    """The others see it when they write next."""
    async with commands.store.writing() as db:
        await db.execute(update(ChatRow).values(channel=channel, state_at=clock() - silent))
    out = await commands(0, *SEND)
    assert ("3 are pushed to" in out) == bool(pushed)
    assert f"{4 - pushed} see it when they write next" in out


async def test_a_no_sends_nothing_and_a_yes_starts_it(commands: Commands) -> None:
    asked: list[str] = []

    def answer(word: str) -> Answer:
        def ask(question: str) -> str:
            asked.append(question)
            return word

        return ask

    assert "Nothing was sent" in await commands(1, *SEND, ask=answer("no"))
    assert await commands.count() == 0
    assert "Started as broadcast 1" in await commands(0, *SEND, ask=answer("是"))
    assert len(asked) == 2
    assert await commands.count() == 1


async def test_status_pause_resume_and_cancel(commands: Commands, clock: ManualClock) -> None:
    await commands(0, *SEND, "--yes")
    out = await commands(0, "status", "1")
    assert "running  0/4  明天大风" in out
    assert "still to come: 4" in out
    assert await fan_out(commands.store, clock()) == 4
    assert "Paused" in await commands(0, "pause", "1")
    assert "the broadcast is paused" in await commands(1, "pause", "1")
    assert "paused" in await commands(0, "list")
    assert "It goes on" in await commands(0, "resume", "1")
    async with commands.store.writing() as db:
        one = select(OutboxRow).where(OutboxRow.status == "ready").order_by(OutboxRow.id)
        sent = (await db.scalars(one.limit(1))).one()
        sent.status = "sent"
    assert "3 couriers do not get it" in await commands(0, "cancel", "1")
    out = await commands(0, "status", "1")
    assert "cancelled  4/4" in out
    assert "arrived at the platform: 1" in out
    assert "taken back: 3" in out
    assert "called off: 3" in out
    assert "cancelled" in await commands(1, "cancel", "1")
    assert "no broadcast 7" in await commands(1, "status", "7")


async def test_the_audience_and_the_time_can_be_chosen(
    commands: Commands, clock: ManualClock
) -> None:
    async with commands.store.writing() as db:
        await set_topic(db, 1, Topic.CARD, clock(), on=False)
    words = ("send", "--topic", "card", "--text", "好", "--at", "2026-11-24 12:00", "--hours", "3")
    out = await commands(0, *words, "--yes")
    assert "Couriers: 3" in out
    assert "switched the topic off: 1" in out
    assert "from 2026-11-24 12:00" in out
    async with commands.store.reading() as db:
        row = (await db.scalars(select(BroadcastRow))).one()
    assert row.not_after - row.at == timedelta(hours=3)
    assert await fan_out(commands.store, clock()) == 0
    nobody = (*SEND, "--league", "包头市", "--yes")
    assert "Nobody is meant" in await commands(1, *nobody)
    assert "no league" in await commands(2, *SEND, "--league", "火星")
    assert "write the time" in await commands(2, *SEND, "--at", "明天")
    assert "over already" in await commands(1, *SEND, "--hours", "0", "--yes")
    late = ("--at", "2026-11-24 12:30", "--hours", "0.4")
    assert "Not all will go out" in await commands(0, *SEND, *late)


async def test_texts_come_from_files_too_and_are_checked(
    commands: Commands, tmp_path: Path
) -> None:
    path = tmp_path / "said.txt"
    path.write_text("第一行\n第二行 a=b\n", encoding="utf-8")
    out = await commands(0, "send", "--topic", "station", "--file", path)
    assert "第一行\n第二行 a=b" in out
    base = ("send", "--topic", "station")
    assert "cannot be read" in await commands(2, *base, "--file", tmp_path / "absent.txt")
    assert "zh_CN is empty" in await commands(1, *base, "--text", "en=only")
    assert "longer than 500" in await commands(1, *base, "--text", "长" * 501)
    assert "1+1=2 对吗" in await commands(0, *base, "--text", "1+1=2 对吗")


async def test_a_start_in_the_past_is_refused_and_this_minute_is_not(
    commands: Commands, clock: ManualClock
) -> None:
    for at in ("2026-11-23 09:59", "09:59", "2026-11-22 23:00", "2025-11-28 09:00"):
        assert "lies in the past" in await commands(1, *SEND, "--at", at, "--yes")
    clock.now += timedelta(seconds=40)
    assert await commands.count() == 0
    assert "Started" in await commands(0, *SEND, "--at", "10:00", "--yes")


async def test_the_same_text_within_a_day_needs_a_word(
    commands: Commands, clock: ManualClock
) -> None:
    await commands(0, *SEND, "--yes")
    assert "by broadcast 1" in await commands(1, *SEND)
    assert "--again" in await commands(1, *SEND, "--yes")
    respaced = ("send", "--topic", "station", "--text", " 明天大风\n", "--yes")
    assert "by broadcast 1" in await commands(1, *respaced)
    assert "Started as broadcast 2" in await commands(0, *SEND, "--yes", "--again")
    asked = await commands(0, *SEND, ask=lambda _: "是")
    assert "get the same text by broadcast 2" in asked
    assert "Started as broadcast 3" in asked
    other = ("send", "--topic", "training", "--text", "后天大风", "--yes")
    assert "Started as broadcast 4" in await commands(0, *other)
    clock.forward(hours=25)
    assert "Started as broadcast 5" in await commands(0, *SEND, "--yes")


async def test_a_text_that_was_called_off_in_time_may_be_sent_again(commands: Commands) -> None:
    await commands(0, *SEND, "--yes")
    await commands(0, "cancel", "1")
    assert "Started as broadcast 2" in await commands(0, *SEND, "--yes")


def test_a_topic_must_be_named() -> None:
    with pytest.raises(SystemExit) as ended:
        arguments("send", "--text", "好")
    assert ended.value.code == 2
