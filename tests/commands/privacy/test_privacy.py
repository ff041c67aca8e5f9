"""`yizhan privacy erase --phone`: reports, asks, and then erases."""

import pytest

from bot.commands.cli import parser
from bot.commands.privacy.privacy import erase
from bot.common.i18n import load_languages
from bot.config.settings import read_settings
from bot.services.couriers.profiles import Profiles
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS, PHONE
from tests.support.trainings import create_couriers

T = load_languages().of("en", "en")


@pytest.fixture
async def owner(store: Store, clock: ManualClock) -> int:
    """A courier who gave the phone."""
    async with store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        await Profiles(KEYS).remember(db, courier, "王强", PHONE, clock(), "web")
    return courier


async def run(
    store: Store, clock: ManualClock, *arguments: str, phone: str = PHONE, answer: str | None = None
) -> int:
    """The command's exit code; `answer` is what its question gets, None where nobody is there."""
    args = parser(T).parse_args(["privacy", "erase", "--phone", phone, *arguments])
    ask = None if answer is None else lambda _question: answer
    return await erase(args, read_settings({}), store, KEYS, T, ask=ask, clock=clock)


async def phone_of(store: Store, courier: int) -> str:
    async with store.reading() as db:
        return (await Profiles(KEYS).read(db, courier)).phone


@pytest.mark.parametrize(
    ("arguments", "answer", "code", "erased"),
    [
        ((), "yes", 0, False),
        (("--yes",), "yes", 0, False),
        (("--apply",), "yes", 0, True),
        (("--apply",), "是", 0, True),
        (("--apply",), "no", 1, False),
        (("--apply",), "", 1, False),
        (("--apply",), None, 1, False),
        (("--apply", "--yes"), None, 0, True),
    ],
)
async def test_it_erases_only_what_was_confirmed(
    store: Store,
    clock: ManualClock,
    owner: int,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    answer: str | None,
    code: int,
    erased: bool,
) -> None:
    assert await run(store, clock, *arguments, answer=answer) == code
    assert (await phone_of(store, owner) == "") == erased
    said = capsys.readouterr().out
    assert "Profiles with this phone: 1" in said
    assert ("Nothing was erased" in said) != erased
    assert PHONE not in said
    assert "王强" not in said


async def test_the_number_may_be_written_in_any_way(
    store: Store, clock: ManualClock, owner: int
) -> None:
    assert await run(store, clock, "--apply", "--yes", phone="+86 138-1234-5678") == 0
    assert await phone_of(store, owner) == ""


async def test_what_is_no_number_is_refused_and_what_nobody_gave_is_said(
    store: Store, clock: ManualClock, owner: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(store, clock, "--apply", "--yes", phone="1381234567") == 2
    assert await run(store, clock, "--apply", "--yes", phone="13999999999") == 0
    assert "Profiles with this phone: 0" in capsys.readouterr().out
    assert await phone_of(store, owner) == PHONE


async def test_it_says_how_many_chats_it_clears(
    store: Store, clock: ManualClock, owner: int, capsys: pytest.CaptureFixture[str]
) -> None:
    async with store.writing() as db:
        for name in ("a", "b"):
            db.add(ChatRow(channel="web", external_id=name, courier_id=owner, state_at=clock()))
    assert await run(store, clock) == 0
    assert "Chats of these couriers: 3" in capsys.readouterr().out
