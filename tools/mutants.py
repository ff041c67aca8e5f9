"""Changes the code in small ways and counts how often the tests notice: `python -m tools.mutants`.

    python -m tools.mutants                     all modules, 24 mutants each
    python -m tools.mutants lockout router      these modules
    python -m tools.mutants --count 60 --seed 2 more of them, others

A mutant is one change: a comparison swapped, a condition negated or dropped, an operator or a
constant changed, a returned value replaced by None, a statement removed. Each runs against the
tests of its module in a copy of the project, on SQLite, until the first failure. A process that
has loaded the libraries forks for every run. Survivors that change nothing one can observe stand
in docs/mutants.md with the reason and are left out.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from tools.mutations import Mutant, mutants_of

ROOT = Path(__file__).parent.parent
JUDGED = ROOT / "docs" / "mutants.md"
COPIED = ("bot", "tests", "tools", "locales", "pyproject.toml")
LOADED = ("aiohttp.web", "aiosqlite", "alembic.command", "babel", "cryptography.fernet", "fpdf",
          "hypothesis", "numpy", "orjson", "prometheus_client", "pydantic",
          "scipy.spatial", "segno", "sqlalchemy.ext.asyncio", "structlog", "telegram")  # fmt: skip
TARGET = 0.9
"""The share of mutants that the tests are to find."""
CHOSEN = 24
OUTPUT = "output.txt"
TEMPORARY = "temporary"
PLUGINS = ("pytest_asyncio.plugin", "pytest_timeout", "_hypothesis_pytestplugin")
OPTIONS = (
    "-x", "-q", "-m", "not postgres and not slow", "-p", "no:cacheprovider",
    *(f"-p{plugin}" for plugin in PLUGINS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Module:
    """Source files and the tests that must notice a change of them, the fastest first."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]


def _named(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" for name in names)


_SEATS = (
    *_named("tests/services/trainings", "test_registration_limits.py", "test_holds.py",
            "test_linked_registrations.py",
            "test_teams.py", "test_maintenance.py", "test_checkin.py", "test_stamps.py"),
    *_named("tests/stories", "test_waitlist.py", "test_trainings.py", "test_training_teams.py",
            "test_training_attendance.py"),
    "tests/services/trainings/test_never_oversold.py",
)  # fmt: skip

MODULES = {
    "router": Module(
        ("bot/conversation/router.py",),
        ("tests/conversation/test_router.py",),
    ),
    "dispatcher": Module(
        ("bot/conversation/dispatcher.py",),
        _named(
            "tests/conversation",
            "test_dispatcher.py",
            "test_dispatcher_outcomes.py",
            "test_dispatcher_failures.py",
            "test_dispatcher_reports.py",
        ),
    ),
    "degrade": Module(
        ("bot/conversation/degrade.py",),
        _named(
            "tests/conversation",
            "test_degrade_examples.py",
            "test_degrade_cuts.py",
            "test_degrade.py",
        ),
    ),
    "hours": Module(
        _named("bot/hours", "opening.py", "weekly.py", "compiled.py", "calendar.py", "parser.py"),
        _named(
            "tests/hours",
            "test_parser_limits.py",
            "test_compiled_limits.py",
            "test_weekly_limits.py",
            "test_opening_limits.py",
            "test_parser.py",
            "test_calendar.py",
            "test_opening.py",
            "test_weekly.py",
            "test_against_opening_hours_library.py",
        ),
    ),
    "nearest": Module(
        ("bot/geo/spatial_index.py",),
        _named(
            "tests/geo",
            "test_exact_radius.py",
            "test_spatial_index.py",
            "test_spatial_index_distances.py",
        ),
    ),
    "seating": Module(("bot/services/trainings/seating.py",), _SEATS),
    "registrations": Module(("bot/services/trainings/registrations.py",), _SEATS),
    "lockout": Module(
        ("bot/services/lockout/counters.py", "bot/services/cards/lockout.py"),
        (
            *_named("tests/services/lockout", "test_exact_instants.py", "test_counters.py"),
            *_named("tests/services/cards", "test_lockout_limits.py", "test_lockout.py"),
        ),
    ),
    "leases": Module(
        ("bot/outbox/repository.py",),
        _named("tests/outbox", "test_claims.py", "test_leases.py", "test_worker.py"),
    ),
    "delivery decision": Module(
        ("bot/outbox/policy.py",), ("tests/outbox/test_decision_table.py",)
    ),
    "wechat webhook": Module(
        _named("bot/channels/wechat", "webhook.py", "inflight.py"),
        (
            *_named(
                "tests/channels/wechat",
                "test_inflight.py",
                "test_webhook.py",
                "test_webhook_turns.py",
            ),
            *_named("tests/stories", "test_wechat_retries.py", "test_wechat.py"),
        ),
    ),
    "quiet hours": Module(
        ("bot/services/notifications/quiet_hours.py",),
        (
            "tests/services/notifications/test_quiet_limits.py",
            "tests/services/notifications/test_own_quiet_hours.py",
            "tests/outbox/test_quiet_hours.py",
        ),
    ),
}


def run(name: str, count: int, seed: int, judged: str) -> tuple[int, list[Mutant]]:
    """How many mutants ran, and which of them survived."""
    module = MODULES[name]
    every = [one for path in module.sources for one in mutants_of(ROOT, path)]
    real = [one for one in every if one.label not in judged]
    seeded = random.Random(f"{seed} {name}")  # noqa: S311 - the same choice in every run
    chosen = seeded.sample(real, min(count, len(real)))
    survived = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        for one in COPIED:
            _copy(ROOT / one, copy / one)
        begun = time.monotonic()
        if _tests_fail(copy, module.tests, limit=900, compiles=True):
            print((copy / OUTPUT).read_text()[-2000:])
            raise SystemExit(f"{name}: the tests fail without any change")
        limit = 3 * (time.monotonic() - begun) + 30
        for mutant in chosen:
            if not _noticed(copy, module, mutant, limit):
                survived.append(mutant)
                print(f"    {mutant.label}", flush=True)
    return len(chosen), survived


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _noticed(copy: Path, module: Module, mutant: Mutant, limit: float) -> bool:
    path = copy / mutant.path
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()
    original = path.read_text(encoding="utf-8")
    path.write_text(mutant.source, encoding="utf-8")
    try:
        return _tests_fail(copy, module.tests, limit)
    finally:
        path.write_text(original, encoding="utf-8")


def _tests_fail(
    copy: Path, tests: tuple[str, ...], limit: float, *, compiles: bool = False
) -> bool:
    """Whether a test fails, or all of them take longer than `limit` seconds."""
    child = os.fork()
    if child == 0:
        os.setsid()
        _become_pytest(copy, tests, compiles=compiles)
    until = time.monotonic() + limit
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status != 0
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _become_pytest(copy: Path, tests: tuple[str, ...], *, compiles: bool) -> None:
    """Runs the tests in this process and ends it."""
    code = 3
    try:
        os.chdir(copy)
        sys.path[0] = str(copy)
        for name in [one for one in sys.modules if one == "tools" or one.startswith("tools.")]:
            del sys.modules[name]
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # some take longer than the tests
        sys.dont_write_bytecode = not compiles  # a compiled mutant could pass for the original
        with (copy / OUTPUT).open("w") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            code = int(pytest.main([*OPTIONS, f"--basetemp={copy / TEMPORARY}", *tests]))
    finally:
        sys.stdout.flush()
        os._exit(code)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Counts which small changes the tests notice.")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--count", type=int, default=CHOSEN, help="mutants of each module")
    parser.add_argument("--seed", type=int, default=1, help="which of them are chosen")
    parser.add_argument("--list", action="store_true", help="print all mutants and run none")
    return parser.parse_args()


def _all_labels(names: list[str]) -> Iterator[str]:
    for name in names:
        for path in MODULES[name].sources:
            yield from (one.label for one in mutants_of(ROOT, path))


def main() -> int:
    """Exit code 1 when fewer mutants are found than `TARGET`."""
    given = _arguments()
    names = given.modules or list(MODULES)
    if unknown := set(names) - MODULES.keys():
        raise SystemExit(f"no such module: {', '.join(sorted(unknown))}")
    if given.list:
        print(*_all_labels(names), sep="\n")
        return 0
    for one in LOADED:
        import_module(one)
    judged = JUDGED.read_text(encoding="utf-8") if JUDGED.exists() else ""
    ran = lost = 0
    for name in names:
        count, survived = run(name, given.count, given.seed, judged)
        print(f"{name}: {count - len(survived)} of {count} found", flush=True)
        ran, lost = ran + count, lost + len(survived)
    share = (ran - lost) / ran
    print(f"all: {ran - lost} of {ran} found, {share:.0%}")
    return 0 if share >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
