"""Keeps the wording catalogues in `locales/` in step with the code.

    python -m tools.catalogs               every .pot and .po anew; lists what is untranslated
    python -m tools.catalogs --check       writes nothing; exit code 1 if that would change or list
    python -m tools.catalogs --fill FILE   also takes `msgid ||| msgstr` lines into zh_CN

A msgid is the English sentence in a call of `t("…")`, `t.n("…", "…", n)`, `t.p("context", "…")`,
`SettingsError("…")` or `_("…")`, in the templates of the console also of `n(…)` and `p(…)`. The
console's sentences are a domain of their own. English therefore translates itself; the other
languages keep what they have. A sentence that left the code leaves the catalogues. Nothing that
only causes churn is written: no dates, no line numbers.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import polib
from babel.messages.extract import extract
from babel.messages.plurals import get_plural

ROOT = Path(__file__).parent.parent
SOURCE = "en"
DEFAULT = "zh_CN"
KEYWORDS = {"t": None, "n": (1, 2), "p": ((1, "c"), 2), "_": None}
KEYWORDS |= {"SettingsError": None, "DemoDataError": None, "ChannelMisconfigured": None}
SEPARATOR = " ||| "
CONTEXT = " ### "
WIDTH = 100  # columns, as in the code

CONSOLE = "console"
"""The domain of the operators' console, and its folder in the package."""
DOMAINS = ("bot", CONSOLE)
METHODS = {"bot": {".py": "python"}, CONSOLE: {".py": "python", ".html": "jinja2"}}

Key = tuple[str | None, str]
"""Context and msgid."""


def template(code: Path = ROOT / "bot", domain: str = "bot") -> polib.POFile:
    """Every sentence of a domain, by alphabet, with the files that say it."""
    found: dict[Key, polib.POEntry] = {}
    for path in sorted(code.rglob("*.*")):
        of_console = path.relative_to(code).parts[0] == CONSOLE
        method = METHODS[domain].get(path.suffix)
        if method is None or of_console != (domain == CONSOLE):
            continue
        place = (path.relative_to(code.parent).as_posix(), "")
        with path.open("rb") as file:
            for _line, message, _comments, context in extract(method, file, KEYWORDS):
                one, many = message if isinstance(message, tuple) else (message, "")
                entry = found.setdefault(
                    (context, one), polib.POEntry(msgctxt=context, msgid=one, flags=_flags(one))
                )
                entry.msgid_plural = entry.msgid_plural or many
                if place not in entry.occurrences:
                    entry.occurrences.append(place)
    catalogue = _empty(None)
    catalogue.extend(found[key] for key in sorted(found, key=lambda key: (key[1], key[0] or "")))
    return catalogue


def update(new: polib.POFile, old: polib.POFile, locale: str) -> polib.POFile:
    """The template in a language, with the translations that `old` has and nobody doubts."""
    known = {_key(entry): entry for entry in old if not entry.obsolete and not entry.fuzzy}
    catalogue = _empty(locale)
    forms = range(get_plural(locale).num_plurals)
    for entry in new:
        have = known.get(_key(entry))
        one = polib.POEntry(
            msgctxt=entry.msgctxt,
            msgid=entry.msgid,
            msgid_plural=entry.msgid_plural,
            flags=entry.flags,
            occurrences=entry.occurrences,
        )
        if locale == SOURCE:
            one.msgstr = entry.msgid
            one.msgstr_plural = {n: entry.msgid_plural if n else entry.msgid for n in forms}
        elif have is not None:
            one.msgstr = have.msgstr
            one.msgstr_plural = {n: have.msgstr_plural.get(n, "") for n in forms}
        if entry.msgid_plural:
            one.msgstr = ""
            one.msgstr_plural = one.msgstr_plural or dict.fromkeys(forms, "")
        else:
            one.msgstr_plural = {}
        catalogue.append(one)
    return catalogue


def fill(catalogue: polib.POFile, lines: Iterable[str]) -> list[str]:
    r"""Takes over `msgid ||| msgstr` or `context ### msgid ||| msgstr` lines; `\n` is a line end.

    Returns the lines that found no sentence or bring no words.
    """
    useless = []
    for line in lines:
        if not line.strip():
            continue
        name, _, msgstr = line.replace("\\n", "\n").partition(SEPARATOR)
        context, _, msgid = name.rpartition(CONTEXT)
        entries = [one for one in catalogue if _key(one) == (context or None, msgid)]
        if not (entries and msgstr.strip()):
            useless.append(line)
            continue
        for entry in entries:
            if entry.msgid_plural:
                entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, msgstr)
            else:
                entry.msgstr = msgstr
    return useless


def untranslated(catalogue: polib.POFile) -> list[str]:
    """The msgids without words in this language."""
    return [
        entry.msgid
        for entry in catalogue
        if not all([entry.msgstr] if not entry.msgid_plural else entry.msgstr_plural.values())
    ]


def write(path: Path, catalogue: polib.POFile, *, dry: bool) -> bool:
    """Writes what is new, unless `dry`; says whether anything is."""
    content = str(catalogue) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return False
    if not dry:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return True


def run(locales: Path, *, check: bool, additions: Iterable[str] = ()) -> list[str]:
    """Brings a folder of catalogues up to date; returns what a person has to do, line by line."""
    to_do, useless, changed = [], [], []
    additions = list(additions)
    names = {path.name for path in locales.iterdir() if path.is_dir()} | {SOURCE, DEFAULT}
    for domain in DOMAINS:
        new = template(domain=domain)
        changed += _written(locales / f"{domain}.pot", new, dry=check)
        for locale in sorted(names):
            path = locales / locale / "LC_MESSAGES" / f"{domain}.po"
            old = polib.pofile(str(path)) if path.exists() else polib.POFile()
            catalogue = update(new, old, locale)
            if locale == DEFAULT:
                useless.append(fill(catalogue, additions))
            changed += _written(path, catalogue, dry=check)
            to_do += [f"not in {locale}: {msgid!r}" for msgid in untranslated(catalogue)]
    nowhere = [line for line in useless[0] if all(line in lines for lines in useless)]
    to_do += [f"no such sentence: {line}" for line in nowhere]
    if check:
        to_do += [f"stale, run `make catalogs`: {path.relative_to(locales)}" for path in changed]
    return to_do


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Keep locales/ in step with the code.")
    parser.add_argument("--check", action="store_true", help="write nothing, only tell")
    parser.add_argument(
        "--fill", type=Path, metavar="FILE", help=f"lines of msgid{SEPARATOR}msgstr"
    )
    options = parser.parse_args()
    additions = options.fill.read_text(encoding="utf-8").splitlines() if options.fill else []
    to_do = run(ROOT / "locales", check=options.check, additions=additions)
    print("\n".join(to_do) or "The catalogues are complete.")
    sys.exit(1 if options.check and to_do else 0)


def _written(path: Path, catalogue: polib.POFile, *, dry: bool) -> list[Path]:
    return [path] if write(path, catalogue, dry=dry) else []


def _key(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid


def _flags(msgid: str) -> list[str]:
    return ["python-brace-format"] if "{" in msgid else []


def _empty(locale: str | None) -> polib.POFile:
    catalogue = polib.POFile(wrapwidth=WIDTH)
    catalogue.metadata = {
        "Project-Id-Version": "yizhan-bot",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if locale is not None:
        catalogue.metadata["Language"] = locale
        catalogue.metadata["Plural-Forms"] = f"{get_plural(locale).plural_forms.rstrip(';')};"
    return catalogue


if __name__ == "__main__":
    main()
