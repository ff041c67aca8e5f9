"""What a process has used, from Linux's /proc."""

import os
from pathlib import Path


def processor(pid: int) -> float:
    """Seconds of processor of all threads, in steps of 0.01."""
    return _seconds(Path(f"/proc/{pid}/stat"))


def main_thread(pid: int) -> float:
    """Seconds of processor of the thread that the process began with, in steps of 0.01."""
    return _seconds(Path(f"/proc/{pid}/task/{pid}/stat"))


def _seconds(stat: Path) -> float:
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Megabytes in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def highest(pid: int) -> float:
    """Megabytes in memory at the most so far."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
