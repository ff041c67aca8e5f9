"""The bots that `bench.turns` compares: `python -m bench.bots NAME API_BASE` runs one of them.

Ours is the whole service with its demo stations, on the database that the environment names. The
others answer each text with the same text and remember nothing, wired as their own guides show:
https://docs.python-telegram-bot.org/en/v22.8/examples.customwebhookbot.html and
https://docs.aiogram.dev/en/v3.31.0/dispatcher/webhook.html. Each prints its webhook's address.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime

import aiogram
import telegram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bench.cards import bind_cards
from bot.app import server
from bot.app.bootstrap import opened
from bot.channels.telegram.webhook import PATH
from bot.common import logs
from bot.common.clock import CHINA
from bot.config.settings import read_settings
from bot.services.demo.stations import seed_demo

SECRET = "bench"  # noqa: S105 - guards nothing but a run of this benchmark
TOKEN = "4242:bench"  # noqa: S105 - so does this one
NOON = datetime(2026, 11, 23, 10, tzinfo=CHINA)  # a Monday on which most stations are open


async def ours(api: str) -> None:
    """The service itself, at an hour that stands still: at night the answers are other ones.

    Each look at the clock gives another object, as a real one does.
    """
    settings = replace(read_settings(), telegram_api_base=api)
    async with opened(settings, clock=lambda: NOON.replace(), demo=True) as app:
        async with app.store.writing() as db:
            await seed_demo(db, NOON)
        await app.search.refresh()
        await bind_cards(app, NOON)
        await server.serve(app, asyncio.Event(), lambda address: _tell(address.rstrip("/")))


async def ptb(api: str) -> None:
    """python-telegram-bot: its `Application`, with the httpx client that it brings.

    One update after the other, as by default: with `concurrent_updates` it takes half as many from
    32 chats, since httpx's pool then looks through all its connections for each call.
    """

    async def echo(update: telegram.Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        assert update.message.text is not None
        await update.message.reply_text(update.message.text)

    application = Application.builder().token(TOKEN).base_url(f"{api}/bot").updater(None).build()
    application.add_handler(MessageHandler(filters.TEXT, echo))

    async def receive(request: web.Request) -> web.Response:
        update = telegram.Update.de_json(await request.json(), application.bot)
        await application.update_queue.put(update)
        return web.Response()

    async with application:
        await application.start()
        http = web.Application()
        http.router.add_post(PATH, receive)
        await listen(http)


async def aiogram_echo(api: str) -> None:
    """aiogram: its `Dispatcher` behind its own aiohttp handler."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(api))
    dispatcher = aiogram.Dispatcher()

    @dispatcher.message()
    async def echo(message: aiogram.types.Message) -> None:
        await message.answer(message.text or "")

    http = web.Application()
    bot = aiogram.Bot(TOKEN, session=session)
    SimpleRequestHandler(dispatcher, bot, secret_token=SECRET).register(http, path=PATH)
    await listen(http)


BOTS: dict[str, Callable[[str], Coroutine[object, object, None]]] = {
    "ours": ours,
    "ptb": ptb,
    "aiogram": aiogram_echo,
}


async def listen(http: web.Application) -> None:
    """Serves until the process ends; prints where."""
    runner = web.AppRunner(http, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _tell(f"http://127.0.0.1:{runner.addresses[0][1]}")
    await asyncio.Event().wait()


def _tell(address: str) -> None:
    print(address + PATH, flush=True)


if __name__ == "__main__":
    logs.set_up(quiet=True)
    asyncio.run(BOTS[sys.argv[1]](sys.argv[2]))
