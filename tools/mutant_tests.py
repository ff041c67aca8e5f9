"""Runs the tests of a module against one mutant after the other.

A process collects the tests once and forks for every mutant; the fork gives the changed function
its new code and runs those tests that run it (which ones do is recorded in a first run without a
change) and those that run nothing of the module themselves: they may start processes that do.

A change outside of a function acts while the module is loaded. Such a mutant, and one of a function
that ran while modules were loaded, needs a process that loads them anew and runs all tests.
"""

import builtins
import gc
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from tools.mutations import Mutant, recording

OUTPUT = "output.txt"
RECORD = "functions.json"
TEMPORARY = "temporary"
PLUGINS = ("pytest_asyncio.plugin", "pytest_timeout", "_hypothesis_pytestplugin")
OPTIONS = (
    "-x", "-q", "-m", "not postgres and not slow", "-p", "no:cacheprovider", "--timeout=60",
    *(f"-p{plugin}" for plugin in PLUGINS),
)  # fmt: skip
FIRST_LIMIT = 900
"""Seconds for the tests of a module without any change."""


class TestsFail(Exception):
    """The tests fail without any change. Carries the end of their output."""

    __test__ = False


@dataclass(slots=True)
class CollectedTests:
    """The tests of one module in a copy of the project, collected in a process of their own."""

    copy: Path
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    limit: float = FIRST_LIMIT
    _process: Connection | None = None

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Collects the tests and runs them once without a change. Raises `TestsFail`."""
        originals = {self.copy / one: (self.copy / one).read_text("utf-8") for one in self.sources}
        for path, source in originals.items():
            path.write_text(recording(source), encoding="utf-8")
        self._process, theirs = Pipe()
        collected = os.fork()
        if collected == 0:
            self._process.close()
            _become_pytest(self.copy, self.tests, _Forks(theirs, self.copy))
        theirs.close()
        try:
            is_collected = self._answer()
            for path, source in originals.items():
                path.write_text(source, encoding="utf-8")
            begun = time.monotonic()
            if not is_collected or self._fails_in_place(None) is not False:
                raise TestsFail((self.copy / OUTPUT).read_text(encoding="utf-8")[-2000:])
            self.limit = 3 * (time.monotonic() - begun) + 30
            yield
        finally:
            self._process.close()
            os.waitpid(collected, 0)

    def notice(self, mutant: Mutant) -> bool:
        """Whether a test fails, or those that run take longer than `limit` seconds."""
        path = self.copy / mutant.path
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
            compiled.unlink()
        original = path.read_text(encoding="utf-8")
        path.write_text(mutant.source, encoding="utf-8")  # some tests start processes
        try:
            failed = self._fails_in_place(mutant)
            return self._fails_anew() if failed is None else failed
        finally:
            path.write_text(original, encoding="utf-8")

    def _fails_in_place(self, mutant: Mutant | None) -> bool | None:
        """None where the modules must be loaded anew."""
        assert self._process is not None
        self._process.send((mutant, self.limit))
        return self._answer()

    def _answer(self) -> bool | None:
        assert self._process is not None
        try:
            answer: bool | None = self._process.recv()
        except EOFError:
            return None
        return answer

    def _fails_anew(self) -> bool:
        child = os.fork()
        if child == 0:
            os.setsid()
            sys.dont_write_bytecode = True  # a compiled mutant could pass for the original
            _become_pytest(self.copy, self.tests)
        return _fails(child, self.limit)


class _Forks:
    """A plugin of pytest that runs the collected tests in a fork for every mutant it is sent."""

    def __init__(self, mutants: Connection, copy: Path) -> None:
        self._mutants = mutants
        self._copy = copy
        self._ran: set[str] = set()
        self._by_test: dict[str, list[str]] | None = None
        vars(builtins)["__ran__"] = self._ran.add

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """None in a fork, where pytest goes on to run the tests."""
        if session.testsfailed:  # while they were collected
            return None
        while_loading = frozenset(self._ran)
        self._mutants.send(True)
        while (asked := self._asked()) is not None:
            mutant, limit = asked
            change = None
            if mutant is not None:
                change = _change(self._copy, mutant)
                if change is None or mutant.function in while_loading:
                    self._mutants.send(None)
                    continue
            child = os.fork()
            if child == 0:
                os.setsid()
                self._mutants.close()
                if mutant is None or change is None:
                    self._ran.clear()
                    self._by_test = {}
                else:
                    sys.dont_write_bytecode = True
                    change.make()
                    session.items = self._that_run(mutant, session.items)
                return None
            self._mutants.send(_fails(child, limit))
        return True

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Keeps what the test ran, in the run without a change."""
        if self._by_test is not None:
            self._by_test[nodeid] = sorted(self._ran)
            self._ran.clear()

    def pytest_sessionfinish(self) -> None:
        """Writes down what the tests ran, for the forks to come."""
        if self._by_test is not None:
            (self._copy / RECORD).write_text(json.dumps(self._by_test), encoding="utf-8")

    def _that_run(self, mutant: Mutant, tests: list[pytest.Item]) -> list[pytest.Item]:
        by_test = json.loads((self._copy / RECORD).read_text(encoding="utf-8"))
        run_it = [one for one in tests if mutant.function in by_test[one.nodeid]]
        return run_it + [one for one in tests if not by_test[one.nodeid]]

    def _asked(self) -> tuple[Mutant | None, float] | None:
        try:
            asked: tuple[Mutant | None, float] = self._mutants.recv()
        except EOFError:
            return None
        return asked


@dataclass(frozen=True, slots=True)
class _Change:
    functions: list[FunctionType]
    code: CodeType

    def make(self) -> None:
        for function in self.functions:
            function.__code__ = self.code


def _change(copy: Path, mutant: Mutant) -> _Change | None:
    """None where a loaded function cannot be given its new code."""
    file = str(copy / mutant.path)
    compiled = compile(mutant.source, file, "exec", dont_inherit=True)
    codes = [one for one in _inner(compiled) if one.co_qualname == mutant.function]
    functions = [
        one
        for one in gc.get_objects()
        if type(one) is FunctionType
        and one.__code__.co_filename == file
        and one.__code__.co_qualname == mutant.function
    ]
    if len(codes) != 1 or len({id(one.__code__) for one in functions}) != 1:
        return None
    if codes[0].co_freevars != functions[0].__code__.co_freevars:
        return None
    return _Change(functions, codes[0])


def _inner(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _inner(one)


def _fails(child: int, limit: float) -> bool:
    """Whether a process, first of its group, ends badly or takes longer than `limit` seconds."""
    until = time.monotonic() + limit
    status: int | None = None
    try:
        while status is None and time.monotonic() < until:
            ended, code = os.waitpid(child, os.WNOHANG)
            if ended:
                status = code
            else:
                time.sleep(0.02)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # with the processes that its tests have left
        if status is None:
            os.waitpid(child, 0)
    return status != 0


def _become_pytest(copy: Path, tests: tuple[str, ...], *plugins: object) -> None:
    """Runs the tests in this process and ends it."""
    code = 3
    try:
        os.chdir(copy)
        sys.path[0] = str(copy)
        for name in [one for one in sys.modules if one == "tools" or one.startswith("tools.")]:
            del sys.modules[name]
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # some take longer than the tests
        with (copy / OUTPUT).open("w") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            options = [*OPTIONS, f"--basetemp={copy / TEMPORARY}", *tests]
            code = int(pytest.main(options, plugins=list(plugins)))
    finally:
        sys.stdout.flush()
        os._exit(code)
