"""The tool that counts which small changes of the code the tests notice."""

import ast
from pathlib import Path

import pytest

from tools.mutant_tests import CollectedTests, TestsFail
from tools.mutations import mutants_of, recording

FORKS = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
"""Where xdist has a thread, newer versions of Python warn of forks."""
SOURCE = '''
LIMIT = 3

class Door:
    """A class."""

    width: int = 1

    def is_open(self, hour: int = 8) -> bool:
        """A method."""
        def inner() -> int:
            return hour + 1
        return inner() > LIMIT

async def wait() -> None:
    pass
'''
TESTS = """
from door import LIMIT, Door

def test_is_open():
    assert Door().is_open(3)
"""


def test_a_change_knows_the_outermost_function_that_it_is_in(tmp_path: Path) -> None:
    (tmp_path / "door.py").write_text(SOURCE, encoding="utf-8")
    functions = {
        one.label.removeprefix("door.py: "): one.function for one in mutants_of(tmp_path, "door.py")
    }
    assert functions["`LIMIT = 3` → `LIMIT = 4`"] is None
    assert functions["`width: int = 1` → `width: int = 2`"] is None
    default = "`def is_open(self, hour: int={}) -> bool:`"
    assert functions[f"{default.format(8)} → {default.format(9)}"] is None
    assert functions["`return hour + 1` → `return hour - 1`"] == "Door.is_open"
    assert functions["`return inner() > LIMIT` → `return None`"] == "Door.is_open"


def test_a_recording_source_tells_which_functions_ran() -> None:
    ran: list[str] = []
    names: dict[str, object] = {"__ran__": ran.append}
    exec(compile(recording(SOURCE), "door.py", "exec"), names)  # noqa: S102 - our own source
    assert ran == []
    door = names["Door"]
    assert isinstance(door, type)
    assert door().is_open() is True
    assert ran == ["Door.is_open"]
    assert ast.get_docstring(ast.parse(recording(SOURCE)).body[1]) == "A class."  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path) -> CollectedTests:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\nmarkers = ['postgres', 'slow']\npythonpath = ['.']\n"
    )
    (tmp_path / "door.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "test_door.py").write_text(TESTS, encoding="utf-8")
    return CollectedTests(tmp_path, ("door.py",), ("test_door.py",))


@FORKS
@pytest.mark.slow
def test_changes_in_and_outside_of_functions_are_noticed_and_the_others_survive(
    project: CollectedTests,
) -> None:
    with project.ready():
        noticed = {
            one.label.removeprefix("door.py: "): project.notice(one)
            for one in mutants_of(project.copy, "door.py")
        }
    assert noticed["`LIMIT = 3` → `LIMIT = 4`"]
    assert not noticed["`LIMIT = 3` → `LIMIT = 2`"]
    assert not noticed["`width: int = 1` → `width: int = 2`"]
    assert noticed["`return hour + 1` → `return hour - 1`"]
    assert not noticed["`return hour + 1` → `return hour + 2`"]
    assert (project.copy / "door.py").read_text(encoding="utf-8") == SOURCE


@FORKS
def test_tests_that_fail_without_a_change_are_told(project: CollectedTests) -> None:
    (project.copy / "test_door.py").write_text("def test_none():\n    assert False\n")
    with pytest.raises(TestsFail), project.ready():
        pass
