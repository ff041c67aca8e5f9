"""A process that takes random actions: `python -m tests.support.concurrent_couriers URL SEED N …`.

Arguments after N are `trainings` and `couriers` as comma-separated ids. It begins when a byte comes
in and prints how often which action succeeded.
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
from bot.services.trainings.administration import NewTimes, TrainingAdministration
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.invitations import Invitations
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import LIVE, RegistrationStatus, TeamMemberStatus, TeamMode
from bot.services.trainings.team_limits import TeamLimits
from bot.services.trainings.teams import Invitee, Teams
from bot.store.encryption import Keyring
from bot.store.engine import open_store
from bot.store.models.trainings import RegistrationRow, TeamMemberRow, TeamRow
from tests.support.trainings import broken_rules

KEYS = Keyring(1, {1: bytes(32)})
BEGINS = datetime(2026, 11, 23, 10, tzinfo=CHINA)
ACTIONS = ("register",) * 9 + ("withdraw",) * 6 + ("accept",) * 2 + ("decline",) * 2 + (
    "expire", "expire", "resize", "resize", "move", "look", "bring", "bring",
    "join", "join", "join", "stay",
)  # fmt: skip
CANDIDATES = {
    "withdraw": LIVE,
    "accept": (RegistrationStatus.OFFERED,),
    "decline": (RegistrationStatus.OFFERED,),
}


def phone_of(courier_id: int) -> str:
    """The phone in that courier's profile."""
    return f"138{courier_id:08d}"


async def main(url: str, seed: int, count: int, trainings: list[int], couriers: list[int]) -> None:
    """Takes `count` random actions, each in a transaction of its own."""
    chance = random.Random(seed)
    seating = Seating(timedelta(minutes=10))
    registrations, administration = Registrations(seating), TrainingAdministration(seating)
    teams = Teams(seating, Profiles(KEYS), TeamLimits(share=100))
    invitations = Invitations(registrations, Profiles(KEYS))
    store = await open_store(url)
    async with store.reading() as db:
        await broken_rules(db, [])  # connected, and every module is loaded
    sys.stdin.read(1)
    done: Counter[str] = Counter()
    for number in range(count):
        now = BEGINS + timedelta(minutes=5 * number + chance.randrange(5))
        action, training, who = (
            chance.choice(ACTIONS),
            chance.choice(trainings),
            chance.choice(couriers),
        )
        if seed == 0 and number == count - 1:
            action, training = "cancel", trainings[0]
        if action in CANDIDATES:  # a courier with such a registration, so that it mostly succeeds
            async with store.reading() as db:
                able = await db.scalars(
                    select(RegistrationRow.courier_id)
                    .where(RegistrationRow.training_id == training)
                    .where(RegistrationRow.status.in_(CANDIDATES[action]))
                )
                who = chance.choice([*able] or couriers)
        if action == "expire":
            done[action] += await administration.expire_holds(store, now)
            continue
        try:
            async with store.writing() as db:
                match action:
                    case "register":
                        await registrations.register(db, training, who, now)
                    case "withdraw":
                        await registrations.withdraw(db, training, who, now)
                    case "accept":
                        await registrations.accept(db, training, who, now)
                    case "decline":
                        await registrations.decline(db, training, who, now)
                    case "bring":
                        invitees = [
                            Invitee("", phone_of(one)) for one in chance.sample(couriers, 2)
                        ]
                        mode = chance.choice(list(TeamMode))
                        await teams.create(db, training, who, mode, invitees, now)
                    case "join" | "stay":
                        code = await db.scalar(
                            select(TeamMemberRow.code)
                            .join(TeamRow, TeamRow.id == TeamMemberRow.team_id)
                            .where(
                                TeamMemberRow.status != TeamMemberStatus.ACCEPTED,
                                TeamRow.hold_until > now,
                                TeamMemberRow.phone_index == KEYS.index(phone_of(who), PHONE_INDEX),
                            )
                            .order_by(TeamMemberRow.id.desc())
                            .limit(1)
                        )
                        answer = invitations.accept if action == "join" else invitations.decline
                        await answer(db, code or "", who, now)
                    case "resize":
                        await administration.resize(db, training, chance.randrange(1, 7), now)
                    case "move":
                        later = BEGINS + timedelta(days=30 * training, minutes=number)
                        await administration.reschedule(db, training, NewTimes(later), now)
                    case "cancel":
                        await administration.cancel(db, training, now)
                    case _:
                        await seating.lock(db, training, now)
                        broken = await broken_rules(db, [training])
                        assert not broken, broken
            done[action] += 1
        except TrainingRefused as refused:
            done[f"refused: {refused.reason}"] += 1
    await store.close()
    sys.stdout.write(json.dumps(done))


if __name__ == "__main__":
    url, seed, count, trainings, couriers = sys.argv[1:]
    asyncio.run(
        main(
            url,
            int(seed),
            int(count),
            [int(one) for one in trainings.split(",")],
            [int(one) for one in couriers.split(",")],
        )
    )
