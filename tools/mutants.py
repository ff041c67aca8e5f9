"""Changes the code in small ways and counts how often the tests notice: `python -m tools.mutants`.

    python -m tools.mutants                     all modules, 24 mutants each
    python -m tools.mutants lockout router      these modules
    python -m tools.mutants --count 60 --seed 2 more of them, others

A mutant is one change: a comparison swapped, a condition negated or dropped, an operator or a
constant changed, a returned value replaced by None, a statement removed. Each runs against the
tests of its module in a copy of the project, on SQLite, until the first failure. Survivors that
change nothing one can observe stand in docs/mutants.md with the reason and are left out.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tools.mutant_modules import MODULES
from tools.mutant_tests import CollectedTests, TestsFail
from tools.mutations import Mutant, mutants_of

ROOT = Path(__file__).parent.parent
JUDGED = ROOT / "docs" / "mutants.md"
COPIED = ("bot", "docs", "tests", "tools", "locales", "pyproject.toml")
LOADED = ("aiohttp.web", "aiosqlite", "alembic.command", "babel", "cryptography.fernet", "fpdf",
          "hypothesis", "numpy", "orjson", "prometheus_client", "pydantic",
          "scipy.spatial", "segno", "sqlalchemy.ext.asyncio", "structlog", "telegram")  # fmt: skip
TARGET = 0.9
"""The share of mutants that the tests are to find."""
CHOSEN = 24


def run(name: str, count: int, seed: int, judged: str) -> tuple[int, int]:
    """How many mutants ran, and how many of them survived. Prints each that did."""
    module = MODULES[name]
    real = [one for one in _all_mutants([name]) if one.label not in judged]
    seeded = random.Random(f"{seed} {name}")  # noqa: S311 - the same choice in every run
    chosen = seeded.sample(real, min(count, len(real)))
    survived = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder).resolve()
        for one in COPIED:
            _copy(ROOT / one, copy / one)
        tests = CollectedTests(copy, module.sources, module.tests)
        try:
            with tests.ready():
                for mutant in chosen:
                    if not tests.notice(mutant):
                        survived += 1
                        print(f"    {mutant.label}", flush=True)
        except TestsFail as failed:
            print(failed)
            raise SystemExit(f"{name}: the tests fail without any change") from None
    return len(chosen), survived


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _all_mutants(names: list[str]) -> Iterator[Mutant]:
    for name in names:
        for path in MODULES[name].sources:
            yield from mutants_of(ROOT, path)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Counts which small changes the tests notice.")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--count", type=int, default=CHOSEN, help="mutants of each module")
    parser.add_argument("--seed", type=int, default=1, help="which of them are chosen")
    parser.add_argument("--list", action="store_true", help="print all mutants and run none")
    return parser.parse_args()


def _names(words: list[str]) -> list[str]:
    """The modules that are named; make passes a name of two words as two."""
    names: list[str] = []
    left = list(words)
    while left:
        one = next((one for one in MODULES if left[: one.count(" ") + 1] == one.split()), left[0])
        if one not in MODULES:
            raise SystemExit(f"no such module: {one}")
        names.append(one)
        del left[: one.count(" ") + 1]
    return names or list(MODULES)


def main() -> int:
    """Exit code 1 when fewer mutants are found than `TARGET`."""
    given = _arguments()
    names = _names(" ".join(given.modules).split())
    if given.list:
        print(*(one.label for one in _all_mutants(names)), sep="\n")
        return 0
    for one in LOADED:
        import_module(one)
    judged = JUDGED.read_text(encoding="utf-8") if JUDGED.exists() else ""
    ran = lost = 0
    for name in names:
        begun = time.monotonic()
        count, survived = run(name, given.count, given.seed, judged)
        seconds = time.monotonic() - begun
        print(f"{name}: {count - survived} of {count} found in {seconds:.0f} s", flush=True)
        ran, lost = ran + count, lost + survived
    share = (ran - lost) / ran
    print(f"all: {ran - lost} of {ran} found, {share:.0%}")
    return 0 if share >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
