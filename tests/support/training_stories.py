"""Five trainings for stories, seen from Monday, 23 November 2026, 10:00."""

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.app.server import maintain_trainings
from bot.common.clock import CHINA
from bot.services.couriers.profiles import Profiles
from bot.services.trainings.administration import NewTimes, TrainingAdministration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.models.conversation import ChatRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment, Line, TelegramLine
from tests.support.screens import Screen
from tests.support.trainings import create_training

HOLD = timedelta(hours=2)
ADMINISTRATION = TrainingAdministration(Seating(HOLD))
SATURDAY = datetime(2026, 11, 28, 9, 30, tzinfo=CHINA)


class TrainingScenario:
    """The organiser's side: trainings, and what is done to them."""

    def __init__(self, deployment: Deployment, clock: ManualClock) -> None:
        self._deployment = deployment
        self._clock = clock
        self.first_aid = self.safety = self.parcels = self.far = self.zto = 0

    async def open(self, *, seats: int = 1) -> None:
        """Five trainings; `seats` on Saturday."""
        now = self._clock()
        async with self._deployment.replicas[0].store.writing() as db:
            self.first_aid = await create_training(
                db, _at(25, 14), now=now, title="急救入门", topic="急救", capacity=30,
                checkin_code="111111",
            )  # fmt: skip
            self.parcels = await create_training(
                db, _at(26, 10), now=now, title="禁寄物品识别", topic="禁寄物品", capacity=30,
                is_online=True, link="https://live.example.org/1", lat=None, lon=None, place="",
                address="", league="", checkin_code="222222",
            )  # fmt: skip
            self.safety = await create_training(
                db, SATURDAY, now=now, title="冬季骑行安全", capacity=seats
            )
            self.zto = await create_training(
                db, datetime(2026, 12, 3, 15, tzinfo=CHINA), now=now, title="派送规范",
                topic="快件派送", capacity=30, only_firm="中通", checkin_code="333333",
            )  # fmt: skip
            self.far = await create_training(
                db, datetime(2026, 12, 4, 15, tzinfo=CHINA), now=now, title="客户服务",
                topic="客户服务", capacity=30, league="150400", checkin_code="444444",
            )  # fmt: skip

    async def cancel(self, training: int) -> int:
        """Cancels one."""
        async with self._deployment.replicas[1].store.writing() as db:
            return await ADMINISTRATION.cancel(db, training, self._clock())

    async def move(self, training: int, starts_at: datetime, place: str | None = None) -> int:
        """Moves one to another time, or place."""
        async with self._deployment.replicas[1].store.writing() as db:
            new = NewTimes(starts_at, place=place)
            return await ADMINISTRATION.reschedule(db, training, new, self._clock())

    async def resize(self, training: int, seats: int) -> None:
        """Changes the number of seats."""
        async with self._deployment.replicas[1].store.writing() as db:
            await ADMINISTRATION.resize(db, training, seats, self._clock())

    async def withdraw(self, training: int, courier_id: int) -> None:
        """Withdraws one courier."""
        async with self._deployment.replicas[1].store.writing() as db:
            await Registrations(Seating(HOLD)).withdraw(db, training, courier_id, self._clock())

    async def pass_time(self, **span: float) -> None:
        """Moves the clock on, then runs maintenance and delivery."""
        self._clock.forward(**span)
        for app in self._deployment.replicas:
            await maintain_trainings(app)
        await self._deployment.deliver()


async def sign_up(courier: Line, training: str, who: str) -> Screen:
    """报名 in one sentence; on Telegram, which asks for no names, the profile is stored first."""
    if isinstance(courier, TelegramLine):
        await introduce(courier, who)
        seen = await courier.says(f"报名{training}")
        return await courier.picks(next(one for one in seen.labels if one.startswith("对，")))
    await courier.says(f"报名 {who} {training}")
    return await courier.picks("同意并报名")


async def introduce(courier: TelegramLine, who: str) -> None:
    """Stores name and phone, as linking with a chat inside the country does."""
    await courier.says("你好")
    app = courier.deployment.replicas[0]
    name, phone = who.split()
    async with app.store.writing() as db:
        chat = select(ChatRow.courier_id).where(ChatRow.external_id == str(courier.chat))
        courier_id = (await db.scalars(chat)).one()
        profiles = Profiles(app.keys)
        await profiles.remember(db, courier_id, name, phone, app.clock(), "web")


def _at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=CHINA)
