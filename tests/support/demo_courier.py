"""Plays single messages of couriers against the demonstration data, on the web channel.

`python -m tests.support.demo_courier messages.csv answers.txt` writes what each message of a table
(columns `situation` and `message`) is answered, to be read by somebody.
"""

import asyncio
import csv
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final
from uuid import uuid4

import orjson

from bot.app.bootstrap import App, opened
from bot.channels.web import frames
from bot.common.clock import CHINA
from bot.config.settings import read_settings
from bot.conversation.events import Address, ChatOpened, Content, Event, Location, Press, Text
from bot.geo.point import Point
from bot.services.demo.cards import seed_demo_cards
from bot.services.demo.content import seed_demo_content
from bot.services.demo.honours import seed_demo_honours
from bot.services.demo.stations import seed_demo
from bot.services.demo.trainings import seed_demo_trainings
from tests.conftest import ManualClock
from tests.support.screens import Screen, screen_of_page

HERE: Final = Point(40.8290, 111.6640)
"""The middle of 呼和浩特, where the demonstration data have many stations."""
EVENING: Final = datetime(2026, 11, 26, 19, tzinfo=CHINA)  # a Thursday
MORNING: Final = datetime(2026, 11, 26, 10, tzinfo=CHINA)

LIST: Final = (HERE,)
CARD_FORM: Final = ("我卡办到哪了", "[同意]")
TRAINING: Final = ("大讲堂", "第1场")
SITUATIONS: Final[Mapping[str, tuple[str | Point, ...]]] = {
    "fresh": (),
    "list": LIST,
    "station": (*LIST, "1"),
    "card": (*CARD_FORM, "DEMO2026002", "1234"),
    "card_ready": (*CARD_FORM, "DEMO2026001", "1234"),
    "session": TRAINING,
    "form_card": CARD_FORM,
    "form_training": (*TRAINING, "[报名]"),
    "notice": (*TRAINING, "[报名]", "王小强 13812345678", "[同意并报名]"),
}
"""What was done before a message, by the name of the situation; a label in brackets is pressed."""


@asynccontextmanager
async def demo_app(clock: ManualClock, database_url: str = "") -> AsyncIterator[App]:
    """The service over the demonstration data, as `yizhan demo` has it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            {
                "YIZHAN_DATABASE_URL": database_url or f"sqlite+aiosqlite:///{folder}/bot.db",
                "YIZHAN_SECRET_KEYS": "1:" + "A" * 43 + "=",
            }
        )
        async with opened(settings, clock=clock, demo=True) as app:
            async with app.store.writing() as db:
                await seed_demo(db, clock())
                await seed_demo_cards(db, app.keys, clock())
                await seed_demo_trainings(db, clock())
                await seed_demo_content(db, clock())
                await seed_demo_honours(db, app.keys, clock())
            await app.search.refresh()
            yield app


class DemoCourier:
    """One chat on the web channel, without a browser or a socket."""

    def __init__(self, app: App, language: str = "zh-CN") -> None:
        self._app = app
        self._who = Address("web", uuid4().hex)
        self._language = language
        self._ids = count()
        self._actions: dict[str, str] = {}

    async def finds_themselves(self, situation: str) -> Screen:
        """Does what leads to that situation; what is on the screen then."""
        seen = await self._sends(ChatOpened())
        for step in SITUATIONS[situation]:
            if isinstance(step, Point):
                seen = await self._sends(Location(step))
            elif step.startswith("["):
                label = next(one for one in self._actions if one.startswith(step.strip("[]")))
                seen = await self._sends(Press(self._actions[label]))
            else:
                seen = await self.says(step)
        return seen

    async def says(self, text: str) -> Screen:
        """The answer to what is typed."""
        return await self._sends(Text(text))

    async def _sends(self, content: Content) -> Screen:
        name = f"{self._who.id}-{next(self._ids)}"
        event = Event(name, self._who, self._app.clock(), content, self._language)
        frame = orjson.loads(frames.render_answer(await self._app.turn(event), name))
        seen = screen_of_page(frame["messages"])
        self._actions = {
            button["label"]: button["action"]
            for message in frame["messages"]
            for row in (message.get("choices") or {}).get("rows", [])
            for button in row
        }
        return seen


async def _write(table: Path, out: Path, now: datetime) -> None:
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    clock = ManualClock(now)
    async with demo_app(clock) as app:
        with out.open("w", encoding="utf-8") as answers:
            for number, row in enumerate(rows, 1):
                courier = DemoCourier(app)
                await courier.finds_themselves(row["situation"])
                seen = await courier.says(row["message"])
                head = f"=== {row.get('id', number)} [{row['situation']}] {row['message']}"
                links = [one for one in seen.links if one.startswith("tel:")]
                print(
                    head,
                    *(("--- " + row["right"],) if "right" in row else ()),
                    sep="\n",
                    file=answers,
                )
                print(seen.text, " | ".join(seen.labels), *links, "", sep="\n", file=answers)


if __name__ == "__main__":
    moment = MORNING if "--morning" in sys.argv else EVENING
    source, target = (one for one in sys.argv[1:] if not one.startswith("--"))
    asyncio.run(_write(Path(source), Path(target), moment))
