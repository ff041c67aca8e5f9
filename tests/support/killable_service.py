"""Service processes to be killed: `python -m tests.support.killable_service PORT`.

Reads lines; for each it forks a process that serves on that port, configured by the environment,
until it is killed. Prints `serves PID` when it listens and `ended` when it is gone. A fork takes a
tenth of the time of a new Python. SIGUSR1 sets its clock a day ahead, SIGUSR2 sets it right again.
"""

import asyncio
import contextlib
import os
import signal
import sys
from datetime import datetime, timedelta, tzinfo

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.app.bootstrap import App, build
from bot.app.server import forget_turns, maintain_trainings
from bot.common import clock
from bot.config.settings import read_settings
from tests.support.killable_process import write_line


class SettableDatetime(datetime):
    """The present as a machine has it whose clock is `ahead`."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """The present of that clock."""
        return datetime.now(tz) + cls.ahead


def set_ahead(ahead: timedelta) -> None:
    """Moves this process's clock."""
    SettableDatetime.ahead = ahead


async def maintain(app: App) -> None:
    """The upkeep that depends on the time, more often than a service needs it."""
    while True:
        with contextlib.suppress(SQLAlchemyError, OSError):
            await maintain_trainings(app)
            await forget_turns(app)
        await asyncio.sleep(0.5)


async def serve(port: int) -> None:
    """Answers and delivers with all real parts until the process ends."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    setattr(clock, "datetime", SettableDatetime)  # noqa: B010 - a module's name is no field
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, set_ahead, timedelta(days=1))
    loop.add_signal_handler(signal.SIGUSR2, set_ahead, timedelta(0))
    app = await build(read_settings(), migrate=False)
    for channel in app.channels.values():
        await channel.open()
    runner = web.AppRunner(app.http(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    write_line(f"serves {os.getpid()}")
    await asyncio.gather(app.outbox.run(asyncio.Event()), maintain(app))


def main(port: int) -> None:
    """The parent: does nothing but fork and wait."""
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            asyncio.run(serve(port))
            os._exit(1)
        os.waitpid(pid, 0)
        write_line("ended")


if __name__ == "__main__":
    main(int(sys.argv[1]))
