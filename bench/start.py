"""How soon `yizhan demo` answers, and what it weighs: `python -m bench.start`, about 20 seconds.

From the start of the process to the answer to a first location over the web chat, in an empty
folder (database made, demo stations brought in) and again in the same one; then its resident
memory after 100 locations. Beside it a Python that only imports the libraries any such bot needs.
"""

import asyncio
import compileall
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median

from bench.processes import processor, resident
from tests.support.fakes.web import WebLine

RUNS = 3
LOCATIONS = 100
LINE = 15  # locations of one visitor: who sends more at once is told to wait
FIRST, AGAIN, MEGABYTES = 1.6, 1.0, 110.0  # targets; seconds of processor
HOHHOT = (40.842, 111.750)
IMPORTS = "import telegram, aiohttp, sqlalchemy"
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds to the address and to the first answer, and of processor until then; megabytes."""

    listens: float
    answers: float
    processor: float
    resident: float


@contextlib.contextmanager
def demo(folder: str) -> Iterator["subprocess.Popen[str]"]:
    """`yizhan demo`, started in a folder."""
    unset = {name: value for name, value in os.environ.items() if not name.startswith("YIZHAN_")}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=folder,
        env=unset | {"YIZHAN_HTTP_PORT": "0", "PYTHONPATH": str(ROOT)},
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


async def start(folder: str) -> Start:
    """One life of the process."""
    began = time.perf_counter()
    with demo(folder) as process:
        assert process.stdout is not None
        found = (re.search(r"http://\S+?:\d+/", line) for line in process.stdout)
        said = next((one for one in found if one), None)  # after the hints for trying it
        assert said, "yizhan demo did not start"
        listens = time.perf_counter() - began
        async with WebLine() as line:
            await line.connect(said[0])
            await line.location(*HOHHOT)
            answers, used = time.perf_counter() - began, processor(process.pid)
        for first in range(1, LOCATIONS, LINE):  # a visitor who writes more is asked to wait
            async with WebLine() as line:
                await line.connect(said[0])
                for number in range(first, min(first + LINE, LOCATIONS)):
                    answer = await line.location(HOHHOT[0] + number / 1000, HOHHOT[1])
                    assert any(one["kind"] == "venue" for one in answer["messages"]), answer
        return Start(listens, answers, used, resident(process.pid))


def imports() -> Start:
    """The imports alone."""
    code = f"import os\n{IMPORTS}\nprint(sum(os.times()[:2]), open('/proc/self/statm').read())"
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - this Python and a line above
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    took = time.perf_counter() - began
    used, _, pages, *_ = done.stdout.split()
    return Start(took, took, float(used), int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6)


async def main() -> None:
    """Print the table."""
    compileall.compile_dir(ROOT / "bot", quiet=1)  # as the installation does
    imports()  # from the disk into the cache, once
    peers, firsts, agains = [], [], []
    for _ in range(RUNS):
        peers.append(imports())
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            firsts.append(await start(folder))
            agains.append(await start(folder))
    print(f"`yizhan demo`, medians of {RUNS}; MB after {LOCATIONS} locations\n")
    print(f"{'':<40}{'listens s':>10}{'answers s':>10}{'cpu s':>7}{'MB':>6}")
    rows = (("in an empty folder", firsts), ("again", agains), (IMPORTS, peers))
    for title, starts in rows:
        listens, answers, used, megabytes = (
            median(column) for column in zip(*map(astuple, starts), strict=True)
        )
        print(f"{title:<40}{listens:>10.2f}{answers:>10.2f}{used:>7.2f}{megabytes:>6.0f}")
    first, again = (median(one.processor for one in starts) for starts in (firsts, agains))
    heaviest = max(one.resident for one in firsts + agains)
    print()
    for title, value, most, unit in (
        ("First answer from nothing, processor", first, FIRST, "s"),
        ("First answer again, processor", again, AGAIN, "s"),
        (f"After {LOCATIONS} locations", heaviest, MEGABYTES, "MB"),
    ):
        print(f"{title}: at most {most:g} {unit}: {'met' if value <= most else 'MISSED'}")


if __name__ == "__main__":
    asyncio.run(main())
