"""Sentences in the courier's language: gettext catalogues, read straight from their .po files.

English is the source (a msgid is the English sentence) and Simplified Chinese the default. A .po
file is compiled when it is first read (40 ms) and the result kept beside it as Python keeps its
bytecode, under the hash of the file: no build step can be forgotten, and none is stale.
"""

import contextlib
import gettext
import hashlib
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from bot.common.values import value
from bot.data import DATA

DEFAULT = "zh_CN"
FORMAT = b"no msgid twice"
"""Says how a kept file was made: one that was made in another way is not read."""


@dataclass(frozen=True, slots=True, eq=False)  # there is one of each language: it is a quick key
class Translator:
    """`t("Open until {time}", time=…)`: the sentence in this language, values filled in."""

    locale: str
    catalogue: gettext.NullTranslations
    _found: dict[str, str] = field(default_factory=dict, init=False, repr=False)
    """Sentences by msgid: as many as the code has."""

    def __call__(self, msgid: str, /, **values: object) -> str:
        """The sentence; `{name}` is replaced by the value of that name."""
        text = self._found.get(msgid)
        if text is None:
            text = self._found[msgid] = self.catalogue.gettext(msgid)
        return text.format(**values) if values else text

    def n(self, singular: str, plural: str, number: int, /, **values: object) -> str:
        """The sentence in the form that goes with `number`, which also fills `{n}`."""
        return _fill(self.catalogue.ngettext(singular, plural, number), {"n": number, **values})

    def p(self, context: str, msgid: str, /, **values: object) -> str:
        """The sentence in that context, where one English word means two things."""
        return _fill(self.catalogue.pgettext(context, msgid), values)


@value
class Languages:
    """Every complete language of the service, by locale."""

    translators: Mapping[str, Translator]

    def of(self, chosen: str | None, claimed: str | None) -> Translator:
        """The translator for the chosen locale, else for the one a client reports, else Chinese."""
        if chosen is not None and chosen in self.translators:
            return self.translators[chosen]
        if claimed is not None and claimed in self.translators:
            return self.translators[claimed]
        wanted = language_of(claimed or "")
        for locale, translator in self.translators.items():
            if wanted and wanted == language_of(locale):
                return translator
        return self.translators[DEFAULT]


@lru_cache(maxsize=256)
def language_of(locale: str) -> str:
    """`zh` of `zh-Hans` and `zh_CN`."""
    return locale.replace("-", "_").lower().split("_")[0]


@cache
def load_languages(folder: Path | None = None, domain: str = "bot") -> Languages:
    """Every `<locale>/LC_MESSAGES/<domain>.po` below `folder`, read once.

    Raises `FileNotFoundError`.
    """
    root = folder or _folder()
    translators = {}
    for path in sorted(root.glob(f"*/LC_MESSAGES/{domain}.po")):
        locale = path.parent.parent.name
        compiled = io.BytesIO(_compiled(path, locale))
        translators[locale] = Translator(locale, gettext.GNUTranslations(compiled))
    if DEFAULT not in translators:
        raise FileNotFoundError(f"no {DEFAULT} catalogue {domain}.po below {root}")
    return Languages(translators)


def _compiled(path: Path, locale: str) -> bytes:
    """A .po file as a .mo file, read from where it was kept if it was compiled before."""
    source = path.read_bytes()
    name = hashlib.blake2b(source, digest_size=16, person=FORMAT).hexdigest()
    kept = path.parent / "__pycache__" / f"{path.stem}.{name}.mo"
    with contextlib.suppress(OSError):
        return kept.read_bytes()
    # 50 ms and 8 MB that later starts do without
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    target = io.BytesIO()
    catalogue = read_po(io.BytesIO(source), locale=locale)
    for one in [one for one in catalogue if one.id and one.string == one.id]:
        catalogue.delete(one.id, one.context)  # gettext answers with the msgid: English is small
    write_mo(target, catalogue)
    compiled = target.getvalue()
    with contextlib.suppress(OSError):  # as in a folder that is read only
        _keep(kept, compiled)
    return compiled


def _keep(path: Path, compiled: bytes) -> None:
    """Writes the file whole, whoever else does so at the same time, and drops older ones."""
    path.parent.mkdir(exist_ok=True)
    old = [one for one in path.parent.glob(f"{path.name.partition('.')[0]}.*.mo") if one != path]
    part = path.with_name(f"{path.stem}.{os.getpid()}.part")
    part.write_bytes(compiled)
    part.replace(path)
    for one in old:
        one.unlink(missing_ok=True)


def _folder() -> Path:
    package = DATA.parent
    packaged = package / "locales"
    return packaged if packaged.is_dir() else package.parent / "locales"


def _fill(text: str, values: Mapping[str, object]) -> str:
    return text.format(**values) if values else text
