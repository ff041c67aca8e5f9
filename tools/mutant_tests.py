"""Runs the tests of a module against one mutant after the other.

A process collects the tests once and forks for every mutant; the fork gives the changed function
its new code and runs them. What is changed outside of a function acts while modules are loaded:
such a mutant needs a process that loads them anew.
"""

import gc
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

from tools.mutations import Mutant

OUTPUT = "output.txt"
TEMPORARY = "temporary"
PLUGINS = ("pytest_asyncio.plugin", "pytest_timeout", "_hypothesis_pytestplugin")
OPTIONS = (
    "-x", "-q", "-m", "not postgres and not slow", "-p", "no:cacheprovider",
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
    tests: tuple[str, ...]
    limit: float = FIRST_LIMIT
    _process: Connection | None = None

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Collects the tests and runs them once without a change. Raises `TestsFail`."""
        self._process, theirs = Pipe()
        collected = os.fork()
        if collected == 0:
            self._process.close()
            _become_pytest(self.copy, self.tests, _Forks(theirs, self.copy))
        theirs.close()
        try:
            begun = time.monotonic()
            if self._fails_in_place(None) is not False:
                raise TestsFail((self.copy / OUTPUT).read_text(encoding="utf-8")[-2000:])
            self.limit = 3 * (time.monotonic() - begun) + 30
            yield
        finally:
            self._process.close()
            os.waitpid(collected, 0)

    def notice(self, mutant: Mutant) -> bool:
        """Whether a test fails, or all of them take longer than `limit` seconds.

        A mutant that survives in place is tried in a new process, too: what the function gave while
        modules were loaded is still as it was.
        """
        path = self.copy / mutant.path
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
            compiled.unlink()
        original = path.read_text(encoding="utf-8")
        path.write_text(mutant.source, encoding="utf-8")  # some tests start processes
        try:
            return self._fails_in_place(mutant) or self._fail_anew()
        finally:
            path.write_text(original, encoding="utf-8")

    def _fails_in_place(self, mutant: Mutant | None) -> bool | None:
        """None where the mutant has no function of its own, or the tests cannot be collected."""
        assert self._process is not None
        try:
            self._process.send((mutant, self.limit))
            answer: bool | None = self._process.recv()
        except (EOFError, BrokenPipeError):
            return None
        return answer

    def _fail_anew(self) -> bool:
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

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """None in a fork, where pytest goes on to run the tests."""
        if session.testsfailed:  # while they were collected
            return None
        while (asked := self._asked()) is not None:
            mutant, limit = asked
            change = None if mutant is None else _change(self._copy, mutant)
            if mutant is not None and change is None:
                self._mutants.send(None)
                continue
            child = os.fork()
            if child == 0:
                os.setsid()
                self._mutants.close()
                if change is not None:
                    sys.dont_write_bytecode = True
                    change.make()
                return None
            self._mutants.send(_fails(child, limit))
        return True

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
    """Whether a process, the first of its group, ends badly or takes longer than `limit` seconds."""
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
