"""`yizhan doctor`: what is set up, and what is wrong with it."""

from datetime import date, timedelta

from sqlalchemy import func, select

from bot.commands.running.channel_checks import check_channels
from bot.commands.running.serve import servable
from bot.common.clock import CHINA, Clock
from bot.common.i18n import Translator
from bot.config.keys import keyring
from bot.config.settings import Settings, SettingsError
from bot.hours.calendar import Holidays
from bot.store import migrate
from bot.store.engine import Store
from bot.store.models.stations import HolidayRow, StationRow


async def doctor(store: Store, settings: Settings, clock: Clock, t: Translator) -> int:
    """Prints every finding; 1 if `serve` would refuse to start or a channel cannot work."""
    wrong = 0
    print(t("Database: {kind}", kind="SQLite" if store.is_sqlite else "PostgreSQL"))
    current = await migrate.is_current(store)
    if current:
        print(t("Schema: current"))
        wrong += await _stations(store, t)
        await _holidays(store, clock, t)
    elif await migrate.revision(store) is None:
        wrong += 1
        print(t("Schema: none yet, the database is empty. Run: yizhan migrate"))
    else:
        wrong += 1
        print(t("Schema: old. Run: yizhan migrate"))
    try:
        keyring(settings)
        print(t("Keys: set"))
        if current:
            async with servable(settings, migrate=False):
                pass
            print(t("yizhan serve can start."))
    except SettingsError as refusal:
        wrong += 1
        print(t("yizhan serve would refuse: {why}", why=refusal.message(t)))
    if not settings.public_url:
        print(t("Public address: not set; links to files lead to this machine (YIZHAN_PUBLIC_URL)"))
    for finding in await check_channels(settings, t):
        print(finding.text)
        wrong += finding.is_wrong
    return 1 if wrong else 0


async def _stations(store: Store, t: Translator) -> int:
    """Prints how many there are; 1 where there are none."""
    async with store.reading() as db:
        total = await db.scalar(select(func.count()).select_from(StationRow)) or 0
        demo = StationRow.is_demo.is_(True)
        shown = await db.scalar(select(func.count()).select_from(StationRow).where(demo)) or 0
        unsaid = StationRow.hours.is_(None)
        silent = await db.scalar(select(func.count()).select_from(StationRow).where(unsaid)) or 0
    if total == 0:
        print(t("Stations: none yet. Run: yizhan stations import FILE --datum gcj02 --apply"))
        return 1
    print(
        t(
            "Stations: {n}, {demo} of them demo, {silent} without hours",
            n=total,
            demo=shown,
            silent=silent,
        )
    )
    return 0


async def _holidays(store: Store, clock: Clock, t: Translator) -> None:
    today = clock().astimezone(CHINA).date()
    async with store.reading() as db:
        days = set(await db.scalars(select(HolidayRow.day)))
    known = Holidays.from_csv()
    for year in sorted({today.year, (today + timedelta(days=61)).year}):
        if known.knows(year) or date(year, 10, 1) in days:
            print(t("Public holidays of {year}: known", year=year))
        else:
            print(
                t("Public holidays of {year}: missing. Run: yizhan holidays import FILE", year=year)
            )
