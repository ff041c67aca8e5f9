"""The project's own promises: locked, justified and worded in every language."""

import re
import string
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import polib
import pytest

from tests.support.paths import ROOT
from tools import catalogs
from tools.mutant_modules import MODULES

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
REQUIREMENT = re.compile(
    r"([a-z0-9-]+)==([0-9][^ ;]*)( ; [^\\]+)?((?: \\\n    --hash=sha256:\w{64})+)\n"
)


def locked(name: str) -> dict[str, str]:
    """Versions by name; fails on anything that is no exact version with hashes."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = REQUIREMENT.findall(text)
    assert REQUIREMENT.sub("", text).strip() == ""
    return {name: version for name, version, _marker, _hashes in found}


def named(requirements: list[str]) -> set[str]:
    """The libraries' names, without versions, extras and markers."""
    return {re.split(r"[\[<>=;~! ]", one)[0].lower() for one in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_exact_versions_and_hashes_but_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for word in ("://", "--index-url", "--find-links", " @ ", "#"):
        assert word not in text
    assert locked(name)


def test_both_locks_name_the_same_versions() -> None:
    runtime, everything = (locked(name) for name in LOCKS)
    assert runtime.items() <= everything.items()
    groups = PROJECT["dependency-groups"]
    assert named(PROJECT["project"]["dependencies"]) <= runtime.keys()
    assert named(groups["build"]) <= runtime.keys()
    assert named(groups["dev"]) <= everything.keys()
    assert not (named(groups["dev"]) & runtime.keys())


def test_every_dependency_is_justified_in_one_line() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in text.splitlines()]
    lines = {cells[0]: cells for cells in rows if len(cells) == 3 and cells[0] != "library"}
    lines.pop("---", None)
    groups = PROJECT["dependency-groups"].values()
    wanted = named(PROJECT["project"]["dependencies"]).union(*(named(group) for group in groups))
    assert lines.keys() == wanted
    assert all(all(cells) for cells in lines.values())


@cache
def sentences_of_the_code() -> frozenset[tuple[str | None, str]]:
    """Context and msgid of everything that the code passes to gettext."""
    return frozenset((entry.msgctxt, entry.msgid) for entry in catalogs.template())


def placeholders(text: str) -> set[str]:
    """The names in braces. Raises `ValueError` for a lonely brace."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def catalogue(locale: str) -> Any:
    return polib.pofile(str(ROOT / "locales" / locale / "LC_MESSAGES" / "bot.po"))


@pytest.mark.parametrize("locale", [catalogs.DEFAULT, catalogs.SOURCE])
def test_a_language_has_words_for_every_sentence_of_the_code(locale: str) -> None:
    entries = catalogue(locale)
    have = {(entry.msgctxt, entry.msgid) for entry in entries if not entry.obsolete}
    assert have == sentences_of_the_code()
    assert catalogs.untranslated(entries) == []
    assert [entry.msgid for entry in entries if entry.fuzzy] == []


@pytest.mark.parametrize("locale", [catalogs.DEFAULT, catalogs.SOURCE])
def test_a_translation_has_the_placeholders_of_its_sentence(locale: str) -> None:
    for entry in catalogue(locale):
        if entry.msgid_plural:
            wanted = placeholders(entry.msgid) | placeholders(entry.msgid_plural)
            for said in entry.msgstr_plural.values():
                assert placeholders(said) <= wanted, entry.msgid
        elif entry.msgstr:
            assert placeholders(entry.msgstr) == placeholders(entry.msgid), entry.msgid


def test_the_catalogues_are_up_to_date() -> None:
    assert catalogs.run(ROOT / "locales", check=True) == []


def test_catalogues_follow_the_code(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "said.py").write_text(
        't("Open {a}", a=t("inside"))\nctx.t.n("{n} bed", "{n} beds", 2)\nt.p("verb", "May")\n'
    )
    new = catalogs.template(code)
    assert [(one.msgctxt, one.msgid) for one in new] == [
        ("verb", "May"),
        (None, "Open {a}"),
        (None, "inside"),
        (None, "{n} bed"),
    ]
    old = polib.POFile()
    old.append(polib.POEntry(msgid="inside", msgstr="里面"))
    old.append(polib.POEntry(msgid="Open {a}", msgstr="开", flags=["fuzzy"]))
    old.append(polib.POEntry(msgid="no longer said", msgstr="不再说"))
    chinese = catalogs.update(new, old, "zh_CN")
    assert {one.msgid: one.msgstr for one in chinese if one.msgstr} == {"inside": "里面"}
    assert catalogs.untranslated(chinese) == ["May", "Open {a}", "{n} bed"]
    lines = ["Open {a} ||| 开到{a}", "verb ### May ||| 可以", "{n} bed ||| {n}张床"]
    assert catalogs.fill(chinese, [*lines, "", "gone ||| 没了", "May ||| 五月", "inside"]) == [
        "gone ||| 没了",
        "May ||| 五月",
        "inside",
    ]
    assert catalogs.untranslated(chinese) == []
    english = catalogs.update(new, polib.POFile(), "en")
    assert catalogs.untranslated(english) == []
    assert english.find("{n} bed").msgstr_plural == {0: "{n} bed", 1: "{n} beds"}


@pytest.mark.slow
def test_an_unfinished_catalogue_is_reported_and_written_only_on_request(tmp_path: Path) -> None:
    assert any(line.startswith("stale") for line in catalogs.run(tmp_path, check=True))
    assert list(tmp_path.iterdir()) == []
    assert any(line.startswith("not in zh_CN") for line in catalogs.run(tmp_path, check=False))
    assert not any(line.startswith("stale") for line in catalogs.run(tmp_path, check=True))


FILE_NAME = re.compile(r"(?!\.)[\w./-]+\.(?:py|md|csv|json|geojson|toml|po|pot|js|css|html|sql|gz)")
FOLDERS = ("bot", "bench", "docs", "locales", "tests", "tools", ".ci")
PLACEHOLDER = re.compile(r"(?:^|/)[A-Z_]+(?=/|\.py$)")
"""`bot/channels/NAME/spec.py`: a file that the reader is about to make."""


def documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def missing_paths(document: Path) -> list[str]:
    """Files and folders that a document names in backticks and that do not exist.

    A path counts from the project's root; a bare file name is beside the last path before it, or in
    the root.
    """
    missing: list[str] = []
    folder = ROOT
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for name in re.findall(r"`([^`\s]+)`", text):
        in_tree = "/" in name and name.split("/")[0] in FOLDERS and "*" not in name
        if PLACEHOLDER.search(name) or not (in_tree or FILE_NAME.fullmatch(name)):
            continue
        if in_tree:
            found = ROOT / name
            folder = found if found.is_dir() else found.parent
        else:
            found = next(
                (at / name for at in (folder, ROOT) if (at / name).exists()), folder / name
            )
        if not found.exists():
            missing.append(name)
    return missing


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_only_files_that_exist(document: Path) -> None:
    assert missing_paths(document) == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_links_only_to_files_that_exist(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    assert [one for one in targets if not (document.parent / one).exists()] == []


def test_a_missing_file_in_a_document_is_found(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(
        "`bot/app/server.py`, `health.py`, `gone.py`, `bot/old/` and `bot/channels/NAME/spec.py`;"
        " `README.md`, `make test`, `GET /metrics`\n```\n`bot/example.py`\n```\n",
        encoding="utf-8",
    )
    assert missing_paths(document) == ["gone.py", "bot/old/"]


@pytest.mark.parametrize("name", MODULES)
def test_the_sources_and_tests_of_a_module_of_mutants_exist(name: str) -> None:
    module = MODULES[name]
    assert [one for one in (*module.sources, *module.tests) if not (ROOT / one).exists()] == []
