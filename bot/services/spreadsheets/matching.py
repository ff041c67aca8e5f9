"""Which field a column holds: by its heading, and where no known heading says so by its cells too.

A heading that is known decides alone. One that is only alike needs cells that look like the field;
with less than that the sender is asked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from enum import Enum
from functools import lru_cache
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.services.spreadsheets.cells import in_brackets, key, whole_key
from bot.services.spreadsheets.headings import Label
from bot.services.spreadsheets.tables import Answers, Columns

Shapes = Mapping[str, Callable[[str], bool]]
"""Field → whether a cell looks like a value of it."""

ALIKE: Final = 0.6
"""From here on a heading counts where the cells look like the field."""
SAME: Final = 0.9
"""From here on a heading counts where nothing is known about the field's cells."""
ASKED: Final = 0.74
"""From here on a heading is asked about."""
_NEAR: Final = 0.1
"""Two headings whose likeness differs by less may both be meant."""
MOST_CELLS: Final = 0.8
SOME_CELLS: Final = 0.6

_LONGEST: Final = 12
"""Characters of a heading that may have a written one at its end."""

_AFFIXES: Final = LazyPattern(
    "^(?:(?:爱心|户外劳动者|劳动者|职工|工会|驿站|网点|站点|服务点|服务站|服务站点|场所|门店|机构|"
    "公厕|公共厕所|公共卫生间|厕所|图书馆|场馆|港湾|采样点|检测点|接种点|接种单位|直饮水点|饮水点|取水点|"
    "医疗机构|医院|诊所|门诊部|卫生室|卫生院|服务中心|便民|服务大厅|营业厅|营业部|银行|公园|"
    "充电站|换电站|加油站|点位|"
    "所在|所属|详细|具体|对外|实际|现场|本站|该站|站内|目前|当前|gps|主要|有无|是否(?:配备|设有|提供|具备|配有|有)?|配备|"
    "station(?=.)|site(?=.)|location[.]|adinfo[.]|geometry[.])(?:的|之)?)+"
    "|(?:信息|情况|列表|明细|一览|一栏|说明|描述|内容|[en]|值|数值|°)+$"
)
_QUALIFIERS: Final = LazyPattern(
    "夏季?|冬季?|春季?|秋季?|旺季|淡季|寒假|暑假|工作日|周末|双休日|节假日|平日|百度|高德|腾讯|谷歌|"
    "天地图|火星|国测局|wgs-?84|gcj-?02|bd-?09|cgcs2000|西安80|北京54|[度分秒]{2,3}"
)
_SEQUENCE: Final = frozenset({"序号", "序", "no", "no.", "#", "行号", "顺序号", "序列"})


class Basis(Enum):
    """Why a column is taken for a field, or left out."""

    ANSWER = "answer"
    REMEMBERED = "remembered"
    EXACT = "exact"
    ALIKE = "alike"
    PERSONAL = "personal"
    SEQUENCE = "sequence"
    UNKNOWN = "unknown"
    ASKED = "asked"


@value
class Match:
    """What a column is. `field` None: left out. `candidates` are fields, the likeliest first."""

    basis: Basis
    field: str | None = None
    heading: str = ""
    qualifier: str = ""
    candidates: tuple[str, ...] = ()


@value
class Vocabulary:
    """The headings that a kind of list knows; `written` are those of its own files."""

    written: Mapping[str, str]
    names: Mapping[str, tuple[str, ...]]
    whole: Mapping[str, str]
    short: Mapping[str, str]
    personal: frozenset[str]
    shapes: Shapes

    @classmethod
    def of(cls, columns: Columns, personal: Iterable[str], shapes: Shapes) -> "Vocabulary":
        """From field → headings, the headings of contact persons, and the shapes of cells."""
        names = [(name, field) for field, known in columns.items() for name in known]
        return cls(
            written={field: known[0] for field, known in columns.items()},
            names={field: tuple(map(key, known)) for field, known in columns.items()},
            whole={whole_key(name): field for name, field in names},
            short={key(name): field for name, field in names if not in_brackets(name)},
            personal=frozenset(map(key, personal)),
            shapes=shapes,
        )

    def exact(self, label: Label) -> Match | None:
        """What a known heading says, None where none is known."""
        for name in label.names:
            if field := self.whole.get(whole_key(name)):
                return Match(Basis.EXACT, field, name)
            if key(name) in self.personal:
                return Match(Basis.PERSONAL, None, label.text)
            if key(name) and (field := self.short.get(key(name))):
                return Match(Basis.EXACT, field, name, qualifier(name))
        if any(whole_key(name) in _SEQUENCE for name in label.names):
            return Match(Basis.SEQUENCE, None, label.text)
        return None

    def sureness(self, label: Label) -> float:
        """How sure the label is one of a table of this kind."""
        match self.exact(label):
            case None:
                return 0.9 if self.shapes and self.likely(label)[:1] else 0.0
            case found:
                return 1.0 if found.field else 0.0

    def likely(self, label: Label) -> list[tuple[float, str]]:
        """The fields whose headings are alike, with their likeness, the likeliest first."""
        found = []
        called = [key(one) for one in label.names]
        for field, names in self.names.items():
            alike = (likeness(one, name) for one in called for name in names)
            most = max(alike, default=0.0)
            if most < ASKED and any(_ends_like(key(one), names[0]) for one in label.names):
                most = ASKED
            if most >= ALIKE:
                found.append((most, field))
        return sorted(found, key=lambda one: -one[0])

    def is_personal(self, label: Label) -> bool:
        """Whether the label names a contact person in other words than the known ones."""
        return any(
            likeness(one, name) >= SAME or (len(name) > 2 and name in one)
            for one in map(key, label.names)
            for name in self.personal
        )


def qualifier(heading: str) -> str:
    """What a heading restricts its field to: in brackets, or as a known word such as 夏季."""
    words = _QUALIFIERS.findall(key(heading))
    return " ".join(one for one in (in_brackets(heading), *words) if one)


@lru_cache(maxsize=1 << 12)
def _bare(heading: str) -> tuple[str, str]:
    """The heading without qualifiers, and without affixes either."""
    unqualified = _QUALIFIERS.sub("", heading) or heading
    return unqualified, _AFFIXES.sub("", unqualified) or unqualified


@lru_cache(maxsize=1 << 14)
def likeness(heading: str, name: str) -> float:
    """From 0 to 1: how alike two headings are, both as `key` gives them.

    1 for the same, 0.95 for the same but for words such as 站点, 所在 and 信息.
    """
    if heading == name:
        return 1.0
    if len(heading) > 40 or not heading:
        return 0.0
    a, bare_a = _bare(heading)
    b, bare_b = _bare(name)
    if bare_a == bare_b:
        return 0.95
    if a.isascii() != b.isascii() or len(bare_a) < 2 or len(bare_b) < 2:
        return 0.0
    # The last two characters say what it is: 站点面积 is no 站点名称.
    if bare_a[-1] != bare_b[-1] and bare_a[:2] != bare_b[:2]:
        return 0.0
    return max(SequenceMatcher(None, a, b).ratio(), SequenceMatcher(None, bare_a, bare_b).ratio())


def _ends_like(heading: str, written: str) -> bool:
    """Whether a heading is a written one with a word before it: 惠民点名称."""
    return len(written) > 1 and len(heading) <= _LONGEST and heading.endswith(written)


def match_columns(
    labels: Sequence[Label],
    cells: Callable[[int], Sequence[str]],
    vocabulary: Vocabulary,
    answers: Answers,
    remembered: Answers,
) -> list[Match]:
    """What each column is; `cells` gives some cells of a column that are not blank."""
    found = [_decided(label, vocabulary, answers, remembered) for label in labels]
    taken: set[str | None] = {one.field for one in found if one is not None and one.field}
    if not vocabulary.shapes:
        return [
            one or _unknown(label, vocabulary) for one, label in zip(found, labels, strict=True)
        ]
    open_places = [place for place, one in enumerate(found) if one is None]
    scores = {place: _Scores(labels[place], cells(place), vocabulary) for place in open_places}
    for place in sorted(open_places, key=lambda one: -scores[one].best):
        if found[place] is not None:
            continue
        match = scores[place].match(taken)
        found[place] = match
        if match.basis is not Basis.ALIKE or match.field is None:
            continue
        taken.add(match.field)
        rivals = [
            one
            for one in open_places
            if found[one] is None and scores[one].rivals(scores[place], match.field)
        ]
        for one in (place, *rivals) if rivals else ():
            found[one] = scores[one].asked(match.field)
    return [one for one in found if one is not None]


def _decided(
    label: Label, vocabulary: Vocabulary, answers: Answers, remembered: Answers
) -> Match | None:
    if not label.text:
        return Match(Basis.UNKNOWN)
    for given, basis in ((answers, Basis.ANSWER), (remembered, Basis.REMEMBERED)):
        for name in (label.text, *label.names):
            if whole_key(name) in given:
                field = given[whole_key(name)]
                return Match(basis, field, label.text, qualifier(label.text) if field else "")
    return vocabulary.exact(label)


def _unknown(label: Label, vocabulary: Vocabulary) -> Match:
    basis = Basis.PERSONAL if vocabulary.is_personal(label) else Basis.UNKNOWN
    return Match(basis, None, label.text)


class _Scores:
    """An unknown column against every field: likeness of the heading, and share of the cells."""

    def __init__(self, label: Label, cells: Sequence[str], vocabulary: Vocabulary) -> None:
        self._label = label
        self._vocabulary = vocabulary
        self._has_cells = bool(cells)
        self._likely = vocabulary.likely(label)
        self._shares = {
            field: sum(map(looks, cells)) / len(cells) if cells else 0.0
            for field, looks in vocabulary.shapes.items()
        }
        self.best = max((one + self._shares.get(field, 0.0) for one, field in self._likely),
                        default=0.0)  # fmt: skip

    def rivals(self, other: "_Scores", field: str) -> bool:
        """Whether this column is as likely the field as another one that was taken for it."""
        if not self._has_cells or self._vocabulary.is_personal(self._label):
            return False
        mine, its = (
            next((alike for alike, name in one._likely if name == field), 0.0)
            for one in (self, other)
        )
        share = self._shares.get(field, 1.0)
        return mine > 0.0 and mine >= its - _NEAR and share >= SOME_CELLS

    def asked(self, field: str) -> Match:
        """The question whether the column is this field, which another may be as well."""
        return Match(Basis.ASKED, field, self._label.text, candidates=(field,))

    def match(self, taken: set[str | None]) -> Match:
        """What the column is, where the fields `taken` have columns of their own."""
        if self._vocabulary.is_personal(self._label):
            return Match(Basis.PERSONAL, None, self._label.text)
        free = [(alike, field) for alike, field in self._likely if field not in taken]
        ranked = sorted(free, key=lambda one: -(one[0] + self._shares.get(one[1], 0.0)))
        for alike, field in ranked[:1]:
            enough = self._shares[field] >= MOST_CELLS if field in self._shares else alike >= SAME
            if enough and self._has_cells:
                return Match(Basis.ALIKE, field, self._label.text, qualifier(self._label.text))
        if not self._has_cells:
            return Match(Basis.UNKNOWN, None, self._label.text)
        shaped = sorted(
            (field for field, share in self._shares.items() if share >= SOME_CELLS),
            key=lambda field: -self._shares[field],
        )
        alike_fields = [field for alike, field in ranked if alike >= ASKED]
        candidates = tuple(dict.fromkeys([*alike_fields, *shaped]))[:3]
        if not candidates:
            return Match(Basis.UNKNOWN, None, self._label.text)
        proposal = next((one for one in candidates if one not in taken), None)
        return Match(Basis.ASKED, proposal, self._label.text, candidates=candidates)
