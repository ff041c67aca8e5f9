"""The composition root: the one place where all parts meet.

`build` connects them over one database, and nothing listens yet: `bot.app.server` puts the
result to work. Tests build with their own clock and addresses, and speak to the same object.
"""

import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.app.channels import (
    abilities_by_channel,
    channel_senders,
    connect_channels,
    conversation_finder,
)
from bot.app.clock_guard import ClockGuard
from bot.app.features import build_routes
from bot.app.geocoding import geocoder, with_landmarks
from bot.app.health import HealthEndpoints
from bot.channels.protocol import Turn
from bot.channels.spec import ChannelServices, ConnectedChannel
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Languages, load_languages
from bot.config.database import check_keys, open_database
from bot.config.keys import keyring
from bot.config.settings import Settings, SettingsError
from bot.conversation.dispatcher import Dispatcher
from bot.documents.pdf import fonts_with
from bot.geo.places import Places
from bot.handlers.feature import Feature
from bot.handlers.files import CourierFiles
from bot.handlers.honours.files import HonourFiles
from bot.handlers.pending_box import PendingMessages
from bot.handlers.stations.keeper_page import KeeperPages
from bot.handlers.stations.public_page import PublicPages
from bot.handlers.system_phrases import turn_phrases
from bot.hours.calendar import Holidays
from bot.outbox.preparation import NoticeRenderer
from bot.outbox.rate_limit import MonotonicClock
from bot.outbox.worker import Worker
from bot.pages.content import ContentPages
from bot.pages.honours import HonourPages
from bot.pages.keepers import KeeperSite
from bot.pages.routes import Site
from bot.pages.stations import StationPages
from bot.services.couriers.profiles import Profiles
from bot.services.file_links import FileLinks
from bot.services.honours.nominations import Nominations
from bot.services.notifications.late_answers import LateAnswers
from bot.services.notifications.push_quota import StoredPushQuota
from bot.services.stations.keepers.links import KeeperSessions
from bot.services.stations.observations import Observer
from bot.services.stations.results import Travel
from bot.services.stations.search import StationSearch
from bot.services.trainings.administration import TrainingAdministration
from bot.services.trainings.registrations import Registrations
from bot.services.trainings.seating import Seating
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.migrate import migrate as migrate_schema

if TYPE_CHECKING:
    from bot.services.stations.geocoding import Geocoder


@dataclass(slots=True)
class App:
    """Everything, connected. `search.refresh()` has run; nothing listens yet."""

    settings: Settings
    clock: Clock
    store: Store
    keys: Keyring
    languages: Languages
    search: StationSearch
    dispatcher: Dispatcher
    turn: Turn
    channels: Mapping[str, ConnectedChannel]
    geocoder: "Geocoder | None"
    outbox: Worker
    clock_guard: ClockGuard
    health: HealthEndpoints
    trainings: TrainingAdministration
    registrations: Registrations
    features: Feature
    files: CourierFiles
    site: Site

    def http(self) -> web.Application:
        """The HTTP side: web chat, webhooks, pages, health and metrics."""
        http = web.Application(client_max_size=1 << 20)
        for channel in self.channels.values():
            http.add_routes(channel.routes)
        http.add_routes(self.site.routes())
        http.on_shutdown.append(self._disconnect)
        if self.settings.bank_push_secret is not None:
            from bot.api.card_applications import CardApplicationsApi

            shared = self.settings.bank_push_secret.get_secret_value()
            http.add_routes(CardApplicationsApi(self.store, self.keys, shared, self.clock).routes())
        http.add_routes(self.health.routes())
        return http

    async def close(self) -> None:
        """Returns what `build` opened."""
        await self.outbox.close()
        if self.geocoder is not None:
            await self.geocoder.close()
        await self.store.close()

    async def _disconnect(self, _http: web.Application) -> None:
        for channel in self.channels.values():
            await channel.disconnect()


@contextlib.asynccontextmanager
async def opened(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    demo: bool = False,
    migrate: bool = True,
    make_keys: bool = False,
) -> AsyncIterator[App]:
    """`build` and `close` around a block."""
    app = await build(settings, clock=clock, demo=demo, migrate=migrate, make_keys=make_keys)
    try:
        yield app
    finally:
        await app.close()


async def build(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    monotonic: MonotonicClock = time.monotonic,
    demo: bool = False,
    migrate: bool = True,
    make_keys: bool = False,
) -> App:
    """Connects all parts over one database. Raises `SettingsError`.

    `make_keys`: without configured keys, those in a file beside a SQLite database will do.
    `monotonic` is the clock of rate limits.
    """
    keys = keyring(settings, make=make_keys)
    store = await open_database(settings)
    try:
        if migrate:
            await migrate_schema(store)
        await check_keys(store, keys)
        return await _wire(settings, store, keys, clock, monotonic, demo=demo)
    except BaseException:
        await store.close()
        raise


async def _wire(
    settings: Settings,
    store: Store,
    keys: Keyring,
    clock: Clock,
    monotonic: MonotonicClock,
    *,
    demo: bool,
) -> App:
    languages = load_languages()
    places = Places.load()
    travel = Travel(
        settings.road_factor,
        settings.riding_kmh,
        settings.radius_km * 1000,
        timedelta(minutes=settings.least_stay_minutes),
    )
    search = StationSearch(store, travel, Holidays.from_csv(), clock, demo=demo)
    await search.refresh()

    hold = timedelta(minutes=settings.hold_minutes)
    guard = ClockGuard(store, clock, enabled=clock is system_clock)
    seating = Seating(hold, guard.seems_right)
    registrations = Registrations(seating)
    files = _courier_files(settings, keys)
    honour_files = HonourFiles(
        Nominations(keys), files.links, files.fonts, settings.public_url, files.issuer
    )
    late = LateAnswers(store, keys, clock)
    routes, all_features = build_routes(
        settings,
        keys,
        languages,
        places,
        search,
        registrations,
        files,
        honour_files,
        late,
        demo=demo,
    )

    pending = PendingMessages(all_features.renderers)
    abilities = abilities_by_channel()
    dispatcher = Dispatcher(store, keys, routes, languages, abilities, turn_phrases, clock, pending)
    turn: Turn = dispatcher.turn
    geocoding = geocoder(settings)
    if geocoding is not None:
        turn = with_landmarks(turn, places, geocoding)

    def push_quota(channel: str) -> StoredPushQuota:
        return StoredPushQuota(store, channel, clock)

    services = ChannelServices(
        turn,
        clock,
        monotonic,
        late,
        push_quota,
        late.deliver_later,
        guard.saw_date,
        conversation_finder(store),
    )
    channels = connect_channels(settings, services)
    senders = channel_senders(channels, settings, monotonic)
    renderer = NoticeRenderer(all_features.renderers, languages, turn_phrases, keys)
    outbox = Worker(
        store,
        senders,
        renderer,
        all_features.repeats,
        clock,
        monotonic=monotonic,
        clock_is_right=guard.is_right,
    )

    return App(
        settings=settings,
        clock=clock,
        store=store,
        keys=keys,
        languages=languages,
        search=search,
        dispatcher=dispatcher,
        turn=turn,
        channels=channels,
        geocoder=geocoding,
        outbox=outbox,
        clock_guard=guard,
        health=HealthEndpoints(store, outbox, dispatcher, guard, channels, time.monotonic),
        trainings=TrainingAdministration(seating),
        registrations=registrations,
        features=all_features,
        files=files,
        site=Site(
            store,
            keys,
            files.links,
            {**files.makers(), **honour_files.makers()},
            languages,
            clock,
            monotonic,
            StationPages(store, PublicPages(search).make, clock),
            ContentPages(store, clock, demo=demo),
            HonourPages(store, keys, files.links, clock, demo=demo),
            KeeperSite(
                store,
                KeeperSessions(keys),
                Observer(keys),
                KeeperPages(search).make,
                search,
                clock,
                monotonic,
            ),
            settings.proxies,
        ),
    )


def _courier_files(settings: Settings, keys: Keyring) -> CourierFiles:
    """Files for couriers; without a public address their links lead to this machine."""
    try:
        fonts = fonts_with(settings.print_font)
    except ValueError:
        raise SettingsError(
            "YIZHAN_PRINT_FONT is wrong: name a .ttf or .otf file that can be read."
        ) from None
    base = settings.public_url or f"http://{settings.http_host}:{settings.http_port}"
    issuer = settings.certificate_issuer
    return CourierFiles(Profiles(keys), FileLinks(keys, base), fonts, settings.public_url, issuer)
