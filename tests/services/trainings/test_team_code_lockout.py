"""How many wrong team codes are taken, and whom a lock falls on."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.trainings import team_code_lockout
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.statuses import TeamMode, TrainingRefusal
from bot.services.trainings.team_code_lockout import CHAT_LIMIT, HOUR, NETWORK_LIMIT
from bot.services.trainings.teams import Invitee
from bot.store.engine import Store
from bot.store.models.trainings import TeamRow
from tests.conftest import ManualClock
from tests.services.trainings.test_invitations import INVITATIONS, LEADER, invite
from tests.services.trainings.test_teams import KEYS, WANG, create_known
from tests.support.trainings import create_couriers, create_training

UNKNOWN = "ZZZZZZZZ"
NETWORK = "203.0.113.7"


async def ask(
    db: AsyncSession,
    code: str,
    courier: int,
    clock: ManualClock,
    *,
    chat: str = "web|a",
    network: str = "",
) -> int | TrainingRefusal | None:
    """The training that a courier gets for a code, or why they are refused."""
    try:
        charged = await team_code_lockout.admit(db, KEYS, courier, chat, network, clock())
        return await INVITATIONS.find_training(db, code, charged, clock())
    except TrainingRefused as refused:
        return refused.reason


async def team(db: AsyncSession, clock: ManualClock) -> tuple[int, str]:
    """A training, and the code of its one named member, `WANG`."""
    training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
    (leader,) = await create_known(db, [LEADER], clock())
    _, (code,) = await invite(db, training, leader, [Invitee("", WANG)], clock, TeamMode.EACH)
    return training, code


async def test_a_chat_that_guesses_is_locked_for_an_hour_even_from_codes_that_exist(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training, code = await team(db, clock)
        guesser, other = await create_couriers(db, 2, clock())
        for _ in range(CHAT_LIMIT.most - 1):
            assert await ask(db, UNKNOWN, guesser, clock) is None
        assert await ask(db, code, guesser, clock) == training  # a right one is not charged
        assert await ask(db, UNKNOWN, guesser, clock) is None
        assert await ask(db, code, guesser, clock) == TrainingRefusal.CODE_TRIES
        assert await ask(db, code, other, clock, chat="web|b") == training
        clock.now += HOUR - timedelta(seconds=1)
        assert await ask(db, code, guesser, clock) == TrainingRefusal.CODE_TRIES
        clock.now += timedelta(seconds=1)
        assert await ask(db, code, guesser, clock) == training


async def test_new_visitors_of_one_network_lock_it_for_new_visitors_only(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training, code = await team(db, clock)
        visitors = await create_couriers(db, NETWORK_LIMIT.most, clock())
        (known,) = await create_couriers(db, 1, clock() - timedelta(days=1))
        for number, visitor in enumerate(visitors):
            chat = f"web|{number}"
            assert await ask(db, UNKNOWN, visitor, clock, chat=chat, network=NETWORK) is None
        (new,) = await create_couriers(db, 1, clock())
        refused = await ask(db, code, new, clock, chat="web|new", network=NETWORK)
        assert refused == TrainingRefusal.CODE_TRIES
        assert await ask(db, code, new, clock, chat="web|new", network="198.51.100.1") == training
        assert await ask(db, code, known, clock, chat="web|known", network=NETWORK) == training


async def test_known_couriers_do_not_lock_their_network(store: Store, clock: ManualClock) -> None:
    async with store.writing() as db:
        training, code = await team(db, clock)
        known = await create_couriers(db, NETWORK_LIMIT.most, clock() - timedelta(days=1))
        for number, courier in enumerate(known):
            chat = f"web|{number}"
            assert await ask(db, UNKNOWN, courier, clock, chat=chat, network=NETWORK) is None
        (new,) = await create_couriers(db, 1, clock())
        assert await ask(db, code, new, clock, chat="web|new", network=NETWORK) == training


async def test_another_phone_than_the_members_counts_as_a_wrong_code(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        _, code = await team(db, clock)
        (claimant,) = await create_known(db, ["13800009999"], clock())
        for _ in range(CHAT_LIMIT.most):
            charged = await team_code_lockout.admit(db, KEYS, claimant, "web|a", "", clock())
            with pytest.raises(TrainingRefused) as caught:
                await INVITATIONS.accept(db, code, claimant, clock(), charged)
            assert caught.value.reason == TrainingRefusal.NOT_INVITED
        assert await ask(db, code, claimant, clock) == TrainingRefusal.CODE_TRIES


async def test_the_code_that_a_whole_team_once_had_is_not_charged(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        training = await create_training(db, clock() + timedelta(days=3), now=clock(), capacity=2)
        (leader,) = await create_known(db, [LEADER], clock())
        team_id, (code,) = await invite(
            db, training, leader, [Invitee("", WANG)], clock, TeamMode.EACH
        )
        old = (await db.get_one(TeamRow, team_id)).code
        (member,) = await create_couriers(db, 1, clock())
        for _ in range(CHAT_LIMIT.most + 1):
            assert await ask(db, old, member, clock) is None
        assert await ask(db, code, member, clock) == training
