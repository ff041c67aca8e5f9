"""The composition root: the only place that knows every part.

`build` connects them; `App.serve` runs the channels that are set up. Tests call `build` with their
own clock and addresses, and speak to the same object.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr

from bot.channels.port import Turn
from bot.channels.telegram.abilities import ABILITIES as TELEGRAM
from bot.channels.terminal.chat import ABILITIES as TERMINAL
from bot.channels.web.channel import ABILITIES as WEB
from bot.channels.web.channel import WebChat
from bot.channels.wechat.abilities import ABILITIES as WECHAT
from bot.channels.wechat.abilities import NAME as WECHAT_NAME
from bot.clock import Clock, system_clock
from bot.conversation.dispatch import Dispatch
from bot.conversation.events import Event, Text
from bot.conversation.replies import Answer
from bot.conversation.router import Routes, listen
from bot.geo.datum import Datum
from bot.geo.places import Places
from bot.handlers.broadcasts import BroadcastTalk
from bot.handlers.card_apply import ApplyTalk
from bot.handlers.cards import CardTalk
from bot.handlers.feature import Feature, join
from bot.handlers.late import LateTalk
from bot.handlers.linking import LinkTalk
from bot.handlers.notices import WaitingBox
from bot.handlers.papers import Papers
from bot.handlers.phrases import turn_phrases
from bot.handlers.privacy import PrivacyTalk
from bot.handlers.reminders import ReminderTalk
from bot.handlers.start import Talk
from bot.handlers.stations import StationTalk
from bot.handlers.trainings import TrainingTalk
from bot.hours.calendar import Holidays
from bot.keys import keyring
from bot.language import Languages, load_languages
from bot.outbox.election import election
from bot.outbox.pacing import Pace, Steady
from bot.outbox.preparing import Speech
from bot.outbox.worker import Outlet, Worker
from bot.pages.house import Gate
from bot.pages.site import Site
from bot.services import broadcasts
from bot.services.allowance import Allowance
from bot.services.board import Board, Travel
from bot.services.card_requests import CardRequests
from bot.services.cards import Cards
from bot.services.file_links import FileLinks
from bot.services.late import LateAnswers
from bot.services.links import Links
from bot.services.paper import fonts_with
from bot.services.privacy import Privacy, Settle
from bot.services.profiles import Profiles
from bot.services.registrations import Registrations
from bot.services.retention import Keep, sweep
from bot.services.session_changes import Sessions
from bot.settings import Settings, SettingsError
from bot.store import schema
from bot.store.engine import Store, open_store
from bot.store.sealed import Keyring

if TYPE_CHECKING:
    from bot.channels.telegram.channel import TelegramChannel
    from bot.channels.wechat.webhook import Webhook
    from bot.services.geocoding import Geocoder

log = structlog.get_logger()
REFRESH_SECONDS = 5.0
HOUSEKEEPING_SECONDS = 3600.0
HOLDS_SECONDS = 30.0
FAN_OUT_SECONDS = 5.0
LONGEST = 40  # characters of a text that may name a landmark


@dataclass(slots=True)
class App:
    """Everything, connected. `board.refresh()` has run; nothing listens yet."""

    settings: Settings
    clock: Clock
    store: Store
    keys: Keyring
    languages: Languages
    board: Board
    dispatch: Dispatch
    turn: Turn
    web_chat: WebChat
    telegram: "TelegramChannel | None"
    wechat: "Webhook | None"
    geocoder: "Geocoder | None"
    outbox: Worker
    sessions: Sessions
    registrations: Registrations
    papers: Papers
    site: Site
    delivers: bool = False

    async def serve(
        self, stop: asyncio.Event, ready: Callable[[str], None], *, delivery: bool = True
    ) -> bool:
        """Runs every channel until `stop` is set; False if a channel gave up before that.

        `ready` is told the address of the web chat; `delivery` False leaves what is to be said
        later to `yizhan deliver`.
        """
        runner = web.AppRunner(self.http(), access_log=None, shutdown_timeout=5.0)
        await runner.setup()
        async with contextlib.AsyncExitStack() as closing:
            closing.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, self.settings.http_host, self.settings.http_port)
            await site.start()
            tasks = [
                self._every(REFRESH_SECONDS, self.board.refresh),
                self._every(HOUSEKEEPING_SECONDS, self.dispatch.forget),
                self._every(HOUSEKEEPING_SECONDS, self.erase_old),
                self._every(HOLDS_SECONDS, self.tend_sessions),
                _until(stop),
            ]
            if self.telegram is not None:
                await self.telegram.open()
                closing.push_async_callback(self.telegram.close)
                tasks.append(self._listen_to_telegram(self.telegram, stop))
            if self.wechat is not None:
                await self.wechat.open()
                closing.push_async_callback(self.wechat.close)
            running = [asyncio.create_task(task) for task in tasks]
            closing.push_async_callback(_end, running)
            if delivery:
                self.delivers = True
                sending = asyncio.create_task(self.outbox.run(stop))
                running.append(sending)
                closing.push_async_callback(_finish, sending, stop)
                running.append(asyncio.create_task(self._every(FAN_OUT_SECONDS, self.fan_out)))
            ready(_address(runner))
            done, _ = await asyncio.wait(running, return_when="FIRST_COMPLETED")
            for task in done:
                task.result()  # a part that broke ends the service, with its reason
            return stop.is_set()

    async def deliver(self, stop: asyncio.Event, port: int | None = None) -> None:
        """Sends what is due until `stop` is set; listens to nobody but, on `port`, to monitors."""
        self.delivers = True
        async with contextlib.AsyncExitStack() as closing:
            if port is not None:
                http = web.Application()
                http.add_routes(self._monitors())
                runner = web.AppRunner(http, access_log=None)
                await runner.setup()
                closing.push_async_callback(runner.cleanup)
                await web.TCPSite(runner, self.settings.http_host, port).start()
            if self.telegram is not None:
                await self.telegram.open()
                closing.push_async_callback(self.telegram.close)
            if self.wechat is not None:
                await self.wechat.open()
                closing.push_async_callback(self.wechat.close)
            fanning = asyncio.create_task(self._every(FAN_OUT_SECONDS, self.fan_out))
            closing.push_async_callback(_end, [fanning])
            await self.outbox.run(stop)

    async def tend_sessions(self) -> None:
        """Passes on seats whose hold is over and closes sessions that are over."""
        await self.sessions.tend(self.store, self.clock())

    async def fan_out(self) -> int:
        """Writes the next notices of the broadcasts that run; how many."""
        return await broadcasts.fan_out(self.store, self.clock())

    async def close(self) -> None:
        """Returns what `build` opened."""
        await self.outbox.close()
        if self.geocoder is not None:
            await self.geocoder.close()
        await self.store.close()

    def http(self) -> web.Application:
        """The HTTP side: web chat, webhooks, health and metrics."""
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
            from bot.api.card_applications import CardPush

            shared = self.settings.bank_push_secret.get_secret_value()
            http.add_routes(CardPush(self.store, self.keys, shared, self.clock).routes())
        http.add_routes(self._monitors())
        return http

    async def erase_old(self) -> None:
        """What is past its time, as the settings say."""
        keep = Keep(
            timedelta(days=self.settings.keep_settled_days),
            timedelta(days=self.settings.keep_idle_days),
        )
        settle = (self.registrations.forget,)
        if erased := await sweep(self.store, keep, self.clock(), settle):
            log.info("retention.erased", **erased)

    def _monitors(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", _healthy),
            web.get("/readyz", self._ready),
            web.get("/metrics", _metrics),
        ]

    async def _close_pages(self, _http: web.Application) -> None:
        await self.web_chat.close()

    async def _ready(self, _request: web.Request) -> web.Response:
        try:
            current = await schema.is_current(self.store)
        except Exception:  # noqa: BLE001 - whatever the driver raises, the answer is "not ready"
            current = False
        if current and self.delivers and not self.outbox.alive():
            return web.Response(text="delivery stands still", status=503)
        return web.Response(
            text="ready" if current else "not ready", status=200 if current else 503
        )

    async def _listen_to_telegram(self, channel: "TelegramChannel", stop: asyncio.Event) -> None:
        from bot.channels.telegram import polling, webhook

        secret = self.settings.telegram_webhook_secret
        if self.settings.telegram_webhook_url and secret is not None:
            url = self.settings.telegram_webhook_url
            await webhook.register(channel, url, secret.get_secret_value(), stop)
            await stop.wait()
        else:
            await polling.Poller(channel, stop).run()

    async def _every(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Repeats a small piece of upkeep; a failure is logged and tried again next time."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - upkeep must outlive a lost database
                log.warning("upkeep.failed", work=work.__qualname__, error=type(error).__name__)


@contextlib.asynccontextmanager
async def opened(settings: Settings, **options: object) -> AsyncIterator[App]:
    """`build` and `close` around a block."""
    app = await build(settings, **options)  # type: ignore[arg-type]
    try:
        yield app
    finally:
        await app.close()


async def build(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    steady: Steady = time.monotonic,
    demo: bool = False,
    migrate: bool = True,
    make_keys: bool = False,
) -> App:
    """Connects all parts over one database. Raises `SettingsError`.

    `make_keys`: without configured keys, those in a file beside a SQLite database will do.
    `steady` paces delivery.
    """
    if settings.telegram_webhook_url and settings.telegram_webhook_secret is None:
        raise SettingsError(
            "YIZHAN_TELEGRAM_WEBHOOK_SECRET is missing: a webhook without it would take any message"
        )
    keys = keyring(settings, make=make_keys)
    try:
        store = await open_store(settings.database_url)
    except ValueError as error:
        raise SettingsError(f"YIZHAN_DATABASE_URL is wrong: {error}") from None
    if migrate:
        await schema.migrate(store)
    languages = load_languages()
    places = Places.load()
    travel = Travel(settings.road_factor, settings.riding_kmh)
    board = Board(store, travel, Holidays.from_csv(), clock, demo=demo)
    await board.refresh()
    hold = timedelta(minutes=settings.hold_minutes)
    profiles = Profiles(keys)
    papers = _papers(settings, keys)
    registrations = Registrations(hold)
    lessons = TrainingTalk(registrations, profiles, papers, places, demo=demo)
    late = LateAnswers(store, keys, clock)
    subjects = [
        ReminderTalk().feature(),
        lessons.feature(),
        BroadcastTalk().feature(),
        LateTalk(late).feature(),
        LinkTalk(Links(keys, (registrations.join,))).feature(),
    ]
    routes, whole = _conversation(
        settings, languages, board, places, keys, subjects, (registrations.forget,)
    )
    waiting = WaitingBox(whole.wordings)
    abilities = {"web": WEB, "terminal": TERMINAL, "telegram": TELEGRAM, WECHAT_NAME: WECHAT}
    dispatch = Dispatch(store, keys, routes, languages, abilities, turn_phrases, clock, waiting)
    telegram = None
    turn: Turn = dispatch.turn
    geocoder = _geocoder(settings)
    if geocoder is not None:
        turn = _with_landmarks(turn, places, geocoder)
    if settings.telegram_token is not None:
        from bot.channels.telegram.channel import TelegramChannel

        telegram = TelegramChannel(
            settings.telegram_token.get_secret_value(),
            turn,
            api_base=settings.telegram_api_base,
            clock=clock,
        )
    origins = frozenset(settings.allowed_origins.replace(",", " ").split())
    chat = WebChat(turn, clock, origins=origins)
    speech = Speech(whole.wordings, languages, turn_phrases)
    outlets = [Outlet(chat, Pace(steady), present=chat.present)]
    if telegram is not None and settings.telegram_token is not None:
        token = settings.telegram_token.get_secret_value()
        elected = election(settings.database_url, token, steady)
        outlets.append(Outlet(telegram, Pace(steady), elected))
    wechat = _wechat(settings, turn, store, late, clock)
    if wechat is not None:
        outlets.append(Outlet(wechat.channel, Pace(steady)))
    outbox = Worker(store, outlets, speech, whole.repeats, clock, steady=steady)
    return App(
        settings,
        clock,
        store,
        keys,
        languages,
        board,
        dispatch,
        turn,
        chat,
        telegram,
        wechat,
        geocoder,
        outbox,
        Sessions(hold),
        registrations,
        papers,
        Site(store, keys, papers.links, papers.makers(), languages, clock, Gate(steady)),
    )


def _papers(settings: Settings, keys: Keyring) -> Papers:
    """Files for couriers; without a public address their links lead to this machine."""
    try:
        fonts = fonts_with(settings.print_font)
    except ValueError as error:
        raise SettingsError(f"YIZHAN_PRINT_FONT is wrong: {error}") from None
    base = settings.public_url or f"http://{settings.http_host}:{settings.http_port}"
    issuer = settings.certificate_issuer
    return Papers(Profiles(keys), FileLinks(keys, base), fonts, settings.public_url, issuer)


def _wechat(
    settings: Settings, turn: Turn, store: Store, late: LateAnswers, clock: Clock
) -> "Webhook | None":
    """The Official Account, where one is set up."""
    if not settings.wechat_app_id:
        return None
    from bot.channels.wechat.channel import WeChatChannel
    from bot.channels.wechat.client import Client
    from bot.channels.wechat.crypto import Cipher
    from bot.channels.wechat.envelope import Account
    from bot.channels.wechat.templates import parse_templates
    from bot.channels.wechat.webhook import Webhook

    secret = _needed(settings.wechat_app_secret, "YIZHAN_WECHAT_APP_SECRET")
    token = _needed(settings.wechat_token, "YIZHAN_WECHAT_TOKEN")
    ciphers = []
    for name, key in (
        ("YIZHAN_WECHAT_AES_KEY", settings.wechat_aes_key),
        ("YIZHAN_WECHAT_AES_KEY_PREVIOUS", settings.wechat_aes_key_previous),
    ):
        try:
            if key is not None:
                ciphers.append(Cipher(key.get_secret_value(), settings.wechat_app_id))
        except ValueError as error:
            raise SettingsError(f"{name} is wrong: {error}") from None
    try:
        templates = parse_templates(settings.wechat_templates)
    except ValueError as error:
        raise SettingsError(f"YIZHAN_WECHAT_TEMPLATES is wrong: {error}") from None
    client = Client(settings.wechat_app_id, secret, clock, settings.wechat_api_base)
    channel = WeChatChannel(turn, client, Allowance(store, WECHAT_NAME, clock), templates)
    return Webhook(channel, Account(token, tuple(ciphers)), late.keep, clock)


def _needed(secret: SecretStr | None, name: str) -> str:
    if secret is None:
        raise SettingsError(f"{name} is missing: YIZHAN_WECHAT_APP_ID needs it beside itself")
    return secret.get_secret_value()


def _geocoder(settings: Settings) -> "Geocoder | None":
    if not settings.geocoder:
        return None
    from bot.services.geocoding import Geocoder

    try:
        return Geocoder(
            settings.geocoder, settings.geocoder_options, Datum(settings.geocoder_datum)
        )
    except ValueError as error:
        raise SettingsError(f"YIZHAN_GEOCODER is wrong: {error}") from None


def _with_landmarks(turn: Turn, places: Places, geocoder: "Geocoder") -> Turn:
    """Looks a named landmark up before the turn, which itself may not use the network.

    Only words beside a known town: “海拉尔 火车站”, never a free sentence or a number.
    """

    async def ask_first(event: Event) -> Answer:
        content = event.content
        if isinstance(content, Text) and len(content.text) <= LONGEST:
            found = places.read(content.text)
            if found.places and found.rest and (point := await geocoder.locate(content.text)):
                event = replace(event, content=replace(content, place=point))
        return await turn(event)

    return ask_first


def _conversation(
    settings: Settings,
    languages: Languages,
    board: Board,
    places: Places,
    keys: Keyring,
    more: Iterable[Feature],
    settle: Sequence[Settle],
) -> tuple[Routes, Feature]:
    """All subjects of the bot, joined."""
    stations = StationTalk(board, places, settings.radius_km * 1000)
    known, requests = Cards(keys), CardRequests(keys)
    cards = CardTalk(known, requests, board)
    url = settings.public_url
    apply = ApplyTalk(requests, board, places, cards, stations.at_location, url)
    privacy = PrivacyTalk(Privacy(keys), known, requests, settle)
    subjects = [
        stations.feature(),
        cards.feature(),
        apply.feature(),
        privacy.feature(),
        *more,
    ]
    talk = Talk(stations, places, languages, join(subjects), settings.human_contact)
    whole = join([*subjects, talk.feature()])
    words = {
        word: action
        for t in languages.translators.values()
        for spoken, action in whole.words(t)
        for word in listen([spoken])
    }
    routes = Routes(
        actions=whole.actions,
        steps=whole.steps,
        words=words,
        location=apply.at_location,
        arrival=talk.start,
        departure=privacy.departure,
        voice=talk.voice,
        other=talk.other,
        free_text=talk.free_text,
        too_long=talk.too_long,
        stale_button=talk.stale_button,
    )
    return routes, whole


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


async def _end(running: list[asyncio.Task[None]]) -> None:
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _finish(sending: asyncio.Task[None], stop: asyncio.Event) -> None:
    """Lets delivery end by itself where the service stops in order, before its channels close."""
    if not stop.is_set():
        sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


async def _healthy(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}/"
