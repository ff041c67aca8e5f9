"""The composition root: the one place where all parts meet.

`build` connects them over one database, and nothing listens yet: `bot.running` puts the result to
work. Tests build with their own clock and addresses, and speak to the same object.
"""

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.app.channels import telegram_bot, wechat_account
from bot.app.features import build_routes
from bot.app.geocoding import geocoder, with_landmarks
from bot.app.health import Monitors
from bot.channels.protocol import Turn
from bot.channels.telegram.abilities import ABILITIES as TELEGRAM
from bot.channels.terminal.channel import ABILITIES as TERMINAL
from bot.channels.web.channel import ABILITIES as WEB
from bot.channels.web.channel import WebChat
from bot.channels.wechat.abilities import ABILITIES as WECHAT
from bot.channels.wechat.abilities import NAME as WECHAT_NAME
from bot.common.clock import Clock, system_clock
from bot.common.i18n import Languages, load_languages
from bot.config.database import check_keys, open_database
from bot.config.keys import keyring
from bot.config.settings import Settings, SettingsError
from bot.conversation.dispatcher import Dispatcher
from bot.documents.pdf import fonts_with
from bot.geo.places import Places
from bot.handlers.files import Papers
from bot.handlers.pending_box import PendingMessages
from bot.handlers.system_phrases import turn_phrases
from bot.hours.calendar import Holidays
from bot.outbox.leader import election
from bot.outbox.preparation import NotificationRenderer
from bot.outbox.rate_limit import MonotonicClock, RateLimiter
from bot.outbox.worker import ChannelSender, Worker
from bot.pages.routes import Site
from bot.services.couriers.profiles import Profiles
from bot.services.file_links import FileLinks
from bot.services.notifications.late_answers import LateAnswers
from bot.services.stations.search import StationSearch, Travel
from bot.services.trainings.administration import Sessions
from bot.services.trainings.registrations import Registrations
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.migrate import migrate as migrate_schema

if TYPE_CHECKING:
    from bot.channels.telegram.channel import TelegramChannel
    from bot.channels.wechat.webhook import Webhook
    from bot.services.stations.geocoding import Geocoder


@dataclass(slots=True)
class App:
    """Everything, connected. `board.refresh()` has run; nothing listens yet."""

    settings: Settings
    clock: Clock
    store: Store
    keys: Keyring
    languages: Languages
    board: StationSearch
    dispatch: Dispatcher
    turn: Turn
    web_chat: WebChat
    telegram: "TelegramChannel | None"
    wechat: "Webhook | None"
    geocoder: "Geocoder | None"
    outbox: Worker
    monitors: Monitors
    sessions: Sessions
    registrations: Registrations
    papers: Papers
    site: Site

    def http(self) -> web.Application:
        """The HTTP side: web chat, webhooks, pages, health and metrics."""
        http = web.Application(client_max_size=1 << 20)
        http.add_routes(self.web_chat.routes())
        http.add_routes(self.site.routes())
        http.on_shutdown.append(self._close_pages)
        if self.telegram is not None and self.settings.telegram_webhook_secret is not None:
            from bot.channels.telegram import webhook

            secret = self.settings.telegram_webhook_secret.get_secret_value()
            http.add_routes(webhook.routes(self.telegram, secret))
        if self.wechat is not None:
            http.add_routes(self.wechat.routes())
        if self.settings.bank_push_secret is not None:
            from bot.api.card_applications import CardApplicationsApi

            shared = self.settings.bank_push_secret.get_secret_value()
            http.add_routes(CardApplicationsApi(self.store, self.keys, shared, self.clock).routes())
        http.add_routes(self.monitors.routes())
        return http

    async def close(self) -> None:
        """Returns what `build` opened."""
        await self.outbox.close()
        if self.geocoder is not None:
            await self.geocoder.close()
        await self.store.close()

    async def _close_pages(self, _http: web.Application) -> None:
        await self.web_chat.close()


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
    `monotonic` paces delivery and visitors.
    """
    keys = keyring(settings, make=make_keys)
    store = await open_database(settings)
    try:
        if migrate:
            await migrate_schema(store)
        await check_keys(store, keys)
        return await _connect(settings, store, keys, clock, monotonic, demo=demo)
    except BaseException:
        await store.close()
        raise


async def _connect(
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
    travel = Travel(settings.road_factor, settings.riding_kmh)
    board = StationSearch(store, travel, Holidays.from_csv(), clock, demo=demo)
    await board.refresh()

    hold = timedelta(minutes=settings.hold_minutes)
    registrations = Registrations(hold)
    papers = _papers(settings, keys)
    late = LateAnswers(store, keys, clock)
    routes, whole = build_routes(
        settings, keys, languages, places, board, registrations, papers, late, demo=demo
    )

    waiting = PendingMessages(whole.renderers)
    abilities = {"web": WEB, "terminal": TERMINAL, "telegram": TELEGRAM, WECHAT_NAME: WECHAT}
    dispatch = Dispatcher(store, keys, routes, languages, abilities, turn_phrases, clock, waiting)
    turn: Turn = dispatch.turn
    atlas = geocoder(settings)
    if atlas is not None:
        turn = with_landmarks(turn, places, atlas)

    proxies = settings.proxies
    origins = settings.origins()
    chat = WebChat(turn, clock, origins=origins, proxies=proxies, monotonic=monotonic)
    outlets = [ChannelSender(chat, RateLimiter(monotonic), present=chat.present)]
    telegram = telegram_bot(settings, turn, clock)
    if telegram is not None and settings.telegram_token is not None:
        token = settings.telegram_token.get_secret_value()
        elected = election(settings.database_url, token, monotonic)
        outlets.append(ChannelSender(telegram, RateLimiter(monotonic), elected))
    wechat = wechat_account(settings, turn, store, late, clock)
    if wechat is not None:
        outlets.append(ChannelSender(wechat.channel, RateLimiter(monotonic)))
    speech = NotificationRenderer(whole.renderers, languages, turn_phrases, keys)
    outbox = Worker(store, outlets, speech, whole.repeats, clock, monotonic=monotonic)

    return App(
        settings=settings,
        clock=clock,
        store=store,
        keys=keys,
        languages=languages,
        board=board,
        dispatch=dispatch,
        turn=turn,
        web_chat=chat,
        telegram=telegram,
        wechat=wechat,
        geocoder=atlas,
        outbox=outbox,
        monitors=Monitors(store, outbox),
        sessions=Sessions(hold),
        registrations=registrations,
        papers=papers,
        site=Site(
            store,
            keys,
            papers.links,
            papers.makers(),
            languages,
            clock,
            monotonic,
            proxies,
        ),
    )


def _papers(settings: Settings, keys: Keyring) -> Papers:
    """Files for couriers; without a public address their links lead to this machine."""
    try:
        fonts = fonts_with(settings.print_font)
    except ValueError:
        raise SettingsError(
            "YIZHAN_PRINT_FONT is wrong: name a .ttf or .otf file that can be read."
        ) from None
    base = settings.public_url or f"http://{settings.http_host}:{settings.http_port}"
    issuer = settings.certificate_issuer
    return Papers(Profiles(keys), FileLinks(keys, base), fonts, settings.public_url, issuer)
