"""Service processes to be killed: `python -m tests.support.killable_service PORT`.

Reads lines; for each it forks a process that serves on that port, configured by the environment,
until it is killed. Prints `serves PID` when it listens and `ended` when it is gone. A fork takes a
tenth of the time of a new Python.
"""

import asyncio
import os
import signal
import sys

import structlog
from aiohttp import web

from bot.app.bootstrap import build
from bot.config.settings import read_settings
from tests.support.killable_process import write_line


async def serve(port: int) -> None:
    """Answers and delivers with all real parts until the process ends."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    app = await build(read_settings(), migrate=False)
    for channel in app.channels.values():
        await channel.open()
    runner = web.AppRunner(app.http(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    write_line(f"serves {os.getpid()}")
    await app.outbox.run(asyncio.Event())


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
