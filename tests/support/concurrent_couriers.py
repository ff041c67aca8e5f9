"""A process that does random things to sessions: `python -m tests.services.crowd URL SEED N …`.

Arguments after N are `sessions` and `couriers` as comma-separated ids. It begins when a byte comes
in and prints how often which deed succeeded.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.common.clock import CHINA
from bot.services.couriers.profiles import PHONE_INDEX, Profiles
from bot.services.trainings.administration import NewTimes, Sessions
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.teams import Named, Teams
from bot.store.encryption import Keyring
from bot.store.engine import open_store
from bot.store.models.trainings import RegistrationRow, TeamMemberRow, TeamRow
from tests.support.trainings import broken_rules

KEYS = Keyring(1, {1: bytes(32)})
BEGINS = datetime(2026, 11, 23, 10, tzinfo=CHINA)
DEEDS = ("register",) * 9 + ("withdraw",) * 6 + ("accept",) * 2 + ("decline",) * 2 + (
    "expire", "expire", "resize", "resize", "move", "look", "bring", "bring",
    "join", "join", "join",
)  # fmt: skip
STANDING = {
    "withdraw": ("seat", "offered", "waitlist"),
    "accept": ("offered",),
    "decline": ("offered",),
}


def phone_of(courier_id: int) -> str:
    """The phone in that courier's profile."""
    return f"138{courier_id:08d}"


async def main(url: str, seed: int, count: int, sessions: list[int], couriers: list[int]) -> None:
    """Does `count` random deeds, each in a transaction of its own."""
    chance = random.Random(seed)
    hold = timedelta(minutes=10)
    doing, organiser = Registrations(hold), Sessions(hold)
    teams = Teams(doing, Profiles(KEYS))
    store = await open_store(url)
    async with store.reading() as db:
        await broken_rules(db, [])  # connected, and every module is loaded
    sys.stdin.read(1)
    done: Counter[str] = Counter()
    for number in range(count):
        now = BEGINS + timedelta(minutes=5 * number + chance.randrange(5))
        deed, session, who = chance.choice(DEEDS), chance.choice(sessions), chance.choice(couriers)
        if seed == 0 and number == count - 1:
            deed, session = "cancel", sessions[0]
        if deed in STANDING:  # somebody whom it concerns, so that it mostly succeeds
            async with store.reading() as db:
                able = await db.scalars(
                    select(RegistrationRow.courier_id)
                    .where(RegistrationRow.training_id == session)
                    .where(RegistrationRow.status.in_(STANDING[deed]))
                )
                who = chance.choice([*able] or couriers)
        if deed == "expire":
            done[deed] += await organiser.expire_holds(store, now)
            continue
        try:
            async with store.writing() as db:
                match deed:
                    case "register":
                        await doing.register(db, session, who, now)
                    case "withdraw":
                        await doing.withdraw(db, session, who, now)
                    case "accept":
                        await doing.accept(db, session, who, now)
                    case "decline":
                        await doing.decline(db, session, who, now)
                    case "bring":
                        named = [Named("", phone_of(one)) for one in chance.sample(couriers, 2)]
                        mode = chance.choice(("all", "each"))
                        await teams.found(db, session, who, mode, named, now)
                    case "join":
                        mine = await db.scalar(
                            select(TeamMemberRow.team_id)
                            .join(TeamRow, TeamRow.id == TeamMemberRow.team_id)
                            .where(TeamMemberRow.status == "invited", TeamRow.hold_until > now)
                            .where(
                                TeamMemberRow.phone_index == KEYS.index(phone_of(who), PHONE_INDEX)
                            )
                            .limit(1)
                        )
                        await teams.accept(db, mine or 0, who, now)
                    case "resize":
                        await organiser.resize(db, session, chance.randrange(1, 7), now)
                    case "move":
                        later = BEGINS + timedelta(days=30 * session, minutes=number)
                        await organiser.reschedule(db, session, NewTimes(later), now)
                    case "cancel":
                        await organiser.cancel(db, session, now)
                    case _:
                        await doing.lock(db, session, now)
                        broken = await broken_rules(db, [session])
                        assert not broken, broken
            done[deed] += 1
        except TrainingRefused as refused:
            done[f"refused: {refused.why}"] += 1
    await store.close()
    sys.stdout.write(json.dumps(done))


if __name__ == "__main__":
    url, seed, count, sessions, couriers = sys.argv[1:]
    asyncio.run(
        main(
            url,
            int(seed),
            int(count),
            [int(one) for one in sessions.split(",")],
            [int(one) for one in couriers.split(",")],
        )
    )
