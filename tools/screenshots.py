"""Takes the pictures of the operators' manual: one of each page of the console, with demo data.

    python -m tools.screenshots            all pictures of docs/images/console/
    python -m tools.screenshots today      only those named

Needs Chromium. Every name in them is invented; the moment is always the same.
"""

import asyncio
import io
import sys
import tempfile
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Page, async_playwright
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.geo.places import Places
from bot.services.appointments.requests import Appointments, Draft
from bot.services.appointments.wishes import CallWish, Part
from bot.services.cards import pre_applications
from bot.services.conversations.courier_side import PersonConversations
from bot.services.conversations.statuses import PersonReason
from bot.services.dataset_version import Dataset, raise_version
from bot.services.demo.cards import seed_demo_cards
from bot.services.demo.content import seed_demo_content
from bot.services.demo.honours import seed_demo_honours
from bot.services.demo.stations import seed_demo
from bot.services.demo.trainings import seed_demo_trainings
from bot.services.demo.week import tell_week
from bot.services.demo.week_photos import drawn_door
from bot.services.overview.dashboard import stored as dashboard
from bot.store import migrate
from bot.store.engine import Store, open_store
from bot.store.models.couriers import CourierRow
from bot.store.models.stations import StationRow
from tests.browser.chat_page import ARGS, CHROMIUM
from tests.support.console import KEYS, ConsoleServer, add_operator, console_parts

TARGET: Final = Path(__file__).parent.parent / "docs" / "images" / "console"
NOW: Final = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
SIZE: Final = {"width": 1000, "height": 700}
COLOURS: Final = 64
DUPLICATE: Final = "SHILI-0471-09"
LIST: Final = """编号,名称,盟市,地址,经度,纬度,坐标系,服务时间,设施
150102-901,示例新城驿站,呼和浩特市,示例路1号,111.66,40.85,wgs84,周一至周日 8:00-20:00,热水
150102-902,示例赛罕驿站,呼和浩特市,示例路2号,111.70,40.80,wgs84,看情况,热水
"""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture. `then`: what is done on the page before it is taken."""

    name: str
    address: str
    then: Callable[[Page], Awaitable[None]] | None = None


async def _close_for_a_week(page: Page) -> None:
    await page.locator("#close input[name=reason]").fill("装修")
    await page.locator("#close button").first.click()
    await page.locator(".told").first.wait_for()


async def _add_photo(page: Page) -> None:
    given = {"name": "door.png", "mimeType": "image/png", "buffer": drawn_door()}
    await page.locator("#photos input[type=file]").set_input_files(given)  # type: ignore[arg-type]
    await page.locator("#photos .stack input[name=description]").fill("从侧门进，铃在左边")
    await page.get_by_role("button", name="添加照片").click()
    await page.locator("#photos img").wait_for()
    await page.locator("#photos").evaluate("(panel) => panel.scrollIntoView()")


async def _compare(page: Page) -> None:
    await page.locator("input[name=with]").fill(DUPLICATE)
    await page.get_by_role("button", name="对照").click()
    await page.locator("fieldset").first.wait_for()


async def _upload(page: Page) -> None:
    given = {"name": "驿站名单.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    await page.locator("input[type=file]").set_input_files(given)  # type: ignore[arg-type]
    await page.get_by_role("button", name="上传").click()
    await page.get_by_role("link", name="不能导入").click(timeout=60_000)
    await page.locator(".tabs").last.wait_for()
    await page.evaluate("scrollTo(0, 0)")


async def _take_conversation(page: Page) -> None:
    await page.get_by_role("button", name="接入等得最久的一位").click()
    await page.locator(".thread").wait_for()


async def _preview_message(page: Page) -> None:
    await page.locator("textarea").first.fill("周六上午九点，示例驿站有免费体检，带上身份证。")
    await page.get_by_role("button", name="下一步：预览").click()
    await page.locator(".bubble").first.wait_for()


async def _first(page: Page) -> None:
    await page.locator("main a[href^='/trainings/'], main a[href^='/honours/']").last.click()
    await page.wait_for_load_state()


SHOTS: Final = (
    Shot("today", "/"),
    Shot("reports", "/reports"),
    Shot("stations", "/stations"),
    Shot("station", "/stations/{station}"),
    Shot("station-close", "/stations/{station}", _close_for_a_week),
    Shot("station-photos", "/stations/{station}", _add_photo),
    Shot("station-merge", "/stations/{station}/merge", _compare),
    Shot("imports", "/imports"),
    Shot("import-check", "/imports", _upload),
    Shot("conversations", "/conversations"),
    Shot("conversation", "/conversations", _take_conversation),
    Shot("trainings", "/trainings"),
    Shot("training", "/trainings", _first),
    Shot("messages", "/messages"),
    Shot("message", "/messages/new", _preview_message),
    Shot("cards", "/cards"),
    Shot("appointments", "/appointments"),
    Shot("content", "/content"),
    Shot("content-piece", "/content/items/winter-riding"),
    Shot("content-import", "/content/import"),
    Shot("honours", "/honours/sample"),
    Shot("dashboard", "/dashboard"),
    Shot("people", "/people"),
    Shot("records", "/records"),
    Shot("account", "/account"),
)


def clock() -> datetime:
    """The moment of all pictures."""
    return NOW


async def main(wanted: Collection[str]) -> None:
    """Takes those named, or all."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(f"sqlite+aiosqlite:///{folder}/demo.db")
        await migrate.migrate(store)
        station = await _seed(store)
        operator = await add_operator(store, clock, name="示例管理员")
        server = ConsoleServer(console_parts(store, clock))
        async with server.running(), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
            async with server.browser_of(browser, operator, viewport=SIZE) as page:
                for shot in SHOTS:
                    if wanted and shot.name not in wanted:
                        continue
                    await page.goto(shot.address.format(station=station))
                    if shot.then is not None:
                        await shot.then(page)
                    _save(await page.screenshot(), TARGET / f"{shot.name}.png")
            await browser.close()
        await store.close()


async def _seed(store: Store) -> str:
    """The demo, its week, and couriers who wait; the code of a station."""
    async with store.writing() as db:
        await seed_demo(db, NOW)
        await seed_demo_cards(db, KEYS, NOW)
        await seed_demo_trainings(db, NOW)
        await seed_demo_content(db, NOW)
        await seed_demo_honours(db, KEYS, NOW)
    await tell_week(store, KEYS, Places.load(), NOW)
    await dashboard.refresh(store, Places.load(), NOW, always=True)
    async with store.writing() as db:
        couriers = list(await db.scalars(select(CourierRow.id).order_by(CourierRow.id).limit(3)))
        people = PersonConversations(KEYS, timedelta(minutes=30))
        for courier, name in zip(couriers, ("示例甲", "示例乙", "示例丙"), strict=True):
            draft = Draft("loan", name, "13800000000", "", None, "示例支行", CallWish(Part.MORNING))
            await Appointments(KEYS).submit(db, courier, draft, NOW)
            card = pre_applications.Draft(name, "13800000000", "示例快递", None, "示例支行")
            await pre_applications.PreApplications(KEYS).submit(db, courier, card, NOW)
            await people.open(db, courier, "wechat", PersonReason.ASKED, NOW)
            current = await people.current(db, courier, NOW)
            if current is not None:
                await people.write(db, courier, current, "站里的热水没了，什么时候有？", NOW)
        code = await db.scalar(
            select(StationRow.code).where(StationRow.status == "open").order_by(StationRow.code)
        )
        await _enter_twice(db, code or "")
    return code or ""


async def _enter_twice(db: AsyncSession, code: str) -> None:
    """The station once more, as another list has it."""
    row = (await db.scalars(select(StationRow).where(StationRow.code == code))).one()
    held = {column.key: getattr(row, column.key) for column in StationRow.__table__.columns}
    other = {
        "id": None,
        "code": DUPLICATE,
        "name": f"{row.name.removesuffix('驿站')}爱心驿站",
        "lat": row.lat + 0.0002,
        "raw_lat": row.raw_lat + 0.0002,
        "hours": "Mo-Su 08:00-20:00",
        "verified_at": None,
    }
    db.add(StationRow(**(held | other)))
    await raise_version(db, Dataset.STATIONS)


def _save(png: bytes, path: Path) -> None:
    with Image.open(io.BytesIO(png)) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(path, "PNG", optimize=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
