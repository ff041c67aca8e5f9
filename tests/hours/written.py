"""Writes opening hours as people do, with what they mean: independent of what reads them.

Seeded: the same seed writes the same texts. Each shape is a way of writing that station lists have.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

Row = tuple[tuple[int, int], ...]


@dataclass
class Week:
    """Minutes of each weekday, and of public holidays; None: nothing is said of them."""

    rows: list[Row] = field(default_factory=lambda: [()] * 7)
    holiday: Row | None = None


@dataclass
class Meaning:
    """The usual week, and others in parts of the year; days that are closed; None: refused."""

    usual: Week | None
    seasons: list[tuple[tuple[int, int], tuple[int, int], Week]] = field(default_factory=list)
    closed: list[tuple[date, date]] = field(default_factory=list)


@dataclass
class Written:
    """A text and its meaning."""

    text: str
    meaning: Meaning
    shape: str


WEEKDAYS: Final[dict[tuple[int, ...], list[str]]] = {
    (0, 1, 2, 3, 4): ["周一至周五", "星期一至星期五", "周一到周五", "周一-周五", "周1-5 ",
                      "周一～周五", "每周一至周五", "礼拜一到礼拜五", "周一至五", "周一 至 周五"],
    (0, 1, 2, 3, 4, 5): ["周一至周六", "星期一到星期六", "周一—周六"],
    (0, 1, 2, 3, 4, 5, 6): ["每天", "每日", "周一至周日", "星期一至星期日", "天天", "周一-周日"],
    (1, 2, 3, 4, 5, 6): ["周二至周日", "星期二到星期日", "周二~周日"],
    (0, 2, 4): ["周一、周三、周五", "周一、三、五", "星期一、星期三、星期五", "周一和周三和周五"],
    (1, 3): ["周二、周四", "周二和周四", "星期二、四"],
    (0,): ["周一", "星期一", "每周一"],
    (1,): ["周二", "星期二", "礼拜二"],
    (5,): ["周六", "星期六", "礼拜六", "每周六"],
    (6,): ["周日", "星期日", "周天", "礼拜天", "星期天"],
    (5, 6): ["周六、周日", "周末", "周六日", "双休日", "周六周日", "周六至周日", "星期六、星期日",
             "周六和周日", "周六、日"],
}  # fmt: skip
REST: Final[dict[tuple[int, ...], list[tuple[int, ...]]]] = {
    (0, 1, 2, 3, 4): [(5,), (6,), (5, 6)],
    (0, 1, 2, 3, 4, 5): [(6,)],
    (0, 2, 4): [(1, 3), (5, 6), (5,)],
}
HOLIDAYS: Final = ["法定节假日", "节假日", "国家法定节假日", "法定假日", "公共假日"]
ALIKE: Final = ["照常", "无休", "正常营业", "照常开放"]
OFF: Final = ["休息", "不营业", "不开放", "闭馆", "不对外营业", "停业", "不办公"]


def clock(rng: Random, minutes: int, style: str) -> str:
    hour, minute = divmod(minutes, 60)
    match style:
        case "padded":
            return f"{hour:02}:{minute:02}"
        case "wide":
            return f"{hour}：{minute:02}"
        case "said" if minute:
            return f"{hour}点{'半' if minute == 30 and rng.random() < 0.5 else f'{minute}分'}"
        case "said":
            return f"{hour}点"
        case "hours" if minute:
            return f"{hour}时{minute}分"
        case "hours":
            return f"{hour}时"
        case _:
            return f"{hour}:{minute:02}"


def span(rng: Random, opens: int, closes: int) -> str:
    """One interval of a day, or past midnight."""
    if closes > 1440:
        after = closes - 1440
        match rng.randrange(4):
            case 0:
                return f"{clock(rng, opens, 'plain')}-次日{clock(rng, after, 'plain')}"
            case 1:
                return f"{clock(rng, opens, 'padded')}至次日凌晨{clock(rng, after, 'plain')}"
            case 2 if after < 60:
                return f"{clock(rng, opens, 'padded')}~24:{after:02}"
            case _:
                return f"{clock(rng, opens, 'padded')}-{clock(rng, after, 'padded')}"
    if opens < 720 <= closes - 60 and closes % 1440 and closes < 1380 and rng.random() < 0.15:
        early, late = rng.choice([("上午", "下午"), ("早上", "晚上"), ("早", "晚")])
        if late == "下午" or closes >= 1080:
            return f"{early}{clock(rng, opens, 'plain')}-{late}{clock(rng, closes - 720, 'plain')}"
    style = rng.choice(["plain", "plain", "plain", "padded", "wide", "said", "hours"])
    dash = rng.choice(["-", "-", "—", "－", "~", "～", "至", "到", " - ", "–", "--"])
    return f"{clock(rng, opens, style)}{dash}{clock(rng, closes, style)}"


def quarter(rng: Random, first: int, last: int) -> int:
    return rng.randrange(first * 4, last * 4 + 1) * 15


def times(rng: Random) -> tuple[str, Row]:
    """The hours of one day."""
    kind = rng.random()
    opens, closes = quarter(rng, 6, 10), quarter(rng, 16, 23)
    noon, again = quarter(rng, 11, 12), quarter(rng, 13, 15)
    if kind < 0.55:
        return span(rng, opens, closes), ((opens, closes),)
    if kind < 0.62:
        late = 1440 + quarter(rng, 1, 4)
        opens = quarter(rng, 10, 20)
        return span(rng, opens, late), ((opens, late),)
    row = ((opens, noon), (again, closes))
    morning, evening = span(rng, opens, noon), span(rng, again, closes)
    rest = rng.choice(["-", "至", "~"]).join(
        [clock(rng, noon, "plain"), clock(rng, again, "plain")]
    )
    forms = [
        f"{morning}{rng.choice([',', '，', '、', ' '])}{evening}",
        f"{morning} {evening}",
        f"{clock(rng, opens, 'plain')}-{clock(rng, closes, 'plain')}（午休{rest}）",
        f"{clock(rng, opens, 'plain')}-{clock(rng, closes, 'plain')}（{rest}休息）",
        f"{clock(rng, opens, 'plain')}-{clock(rng, closes, 'plain')} 午休{rest}",
    ]
    if closes <= 1080:
        colon = rng.choice(["", "：", ":"])
        afternoon = f"{clock(rng, again - 720, 'plain')}-{clock(rng, closes - 720, 'plain')}"
        day = f"{clock(rng, opens, 'plain')}-{clock(rng, noon, 'plain')}"
        forms += [f"上午{colon}{day}{rng.choice([' ', '，', '；', ''])}下午{colon}{afternoon}"] * 3
    if closes >= 1200:
        forms.append(f"早市{morning} 晚市{evening}")
        forms.append(f"午市：{morning}，晚市：{evening}")
    return rng.choice(forms), row


def named(rng: Random, days: tuple[int, ...]) -> str:
    return rng.choice(WEEKDAYS[days])


def mark(rng: Random) -> str:
    return rng.choice(["，", "；", ",", ";", "， ", "； "])


def brackets(rng: Random, text: str) -> str:
    pair = rng.choice(["（）", "()", "【】", "[]", "（）", "（）"])
    return pair[0] + text + pair[1]


def without_holidays(rng: Random) -> str:
    holidays = rng.choice(HOLIDAYS)
    return rng.choice([f"{holidays}除外", f"{holidays}休息", f"除{holidays}外", f"不含{holidays}"])


def put(week: Week, days: tuple[int, ...], row: Row) -> None:
    for day in days:
        week.rows[day] = row


def days_and_times(rng: Random, days: tuple[int, ...], said: str) -> str:
    """The days before or after their times, either in brackets."""
    name = named(rng, days)
    return rng.choice(
        [
            f"{name}{said}", f"{name} {said}", f"{name}：{said}", f"{name}：{said}",
            f"{name}{brackets(rng, said)}" if "（" not in said else f"{name}{said}",
            f"{said}{brackets(rng, name)}" if "）" not in said else f"{name}{said}",
            f"{said}{brackets(rng, name)}" if "）" not in said else f"{name}{said}",
        ]
    )  # fmt: skip


def one_rule(rng: Random) -> tuple[str, Meaning]:
    days = rng.choice(list(WEEKDAYS))
    said, row = times(rng)
    week = Week()
    if rng.random() < 0.25:
        put(week, tuple(range(7)), row)
        return said, Meaning(week)
    put(week, days, row)
    if rng.random() < 0.2:
        return f"{said} {named(rng, days)}", Meaning(week)
    return days_and_times(rng, days, said), Meaning(week)


def several(rng: Random) -> tuple[str, Meaning]:
    """Weekdays and others, each days first or times first; the rest may be said to be closed."""
    days = rng.choice(list(REST))
    other = rng.choice(REST[days])
    (said, row), (again, second) = times(rng), times(rng)
    week = Week()
    put(week, days, row)
    gap = rng.choice([mark(rng), mark(rng), " ", "\n", ""])
    if "午休" in said or "休息" in said:
        gap = mark(rng)
    first, last = named(rng, days), named(rng, other)
    if rng.random() < 0.35:
        closed = rng.choice(OFF)
        text = rng.choice([
            f"{first}{said}{gap or '，'}{last}{closed}",
            f"{first}：{said}{gap or '，'}{last}：{closed}",
            f"{said}{brackets(rng, first)}{gap}{last}{closed}",
            f"{last}{closed}{gap or '，'}{first}{said}",
            f"{first}{said}{brackets(rng, last + closed)}",
            f"{said} {first} {last}{closed}",
        ])  # fmt: skip
        return text, Meaning(week)
    put(week, other, second)
    text = rng.choice([
        f"{first}{said}{gap or '，'}{last}{again}",
        f"{first} {said}{gap or ' '}{last} {again}",
        f"{first}：{said}{gap or '，'}{last}：{again}",
        f"{said}{brackets(rng, first)}{gap or '，'}{again}{brackets(rng, last)}",
        f"{said}{brackets(rng, first)}{gap}{last}{again}",
        f"{said} {first} {last} {again}",
        f"{said}{first}，{again}{last}",
        f"{first}{brackets(rng, said)}{gap}{last}{brackets(rng, again)}" if "（" not in said + again
        else f"{first}{said}；{last}{again}",
        f"{last}{again}{gap or '，'}{first}{said}",
        f"{first}{said}，{again}{brackets(rng, last)}",
    ])  # fmt: skip
    return text, Meaning(week)


def holidays(rng: Random) -> tuple[str, Meaning]:
    days = rng.choice([(0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 4, 5, 6)])
    said, row = times(rng)
    week = Week()
    put(week, days, row)
    first, holiday, kind = named(rng, days), rng.choice(HOLIDAYS), rng.randrange(4)
    if kind == 0:
        again, week.holiday = times(rng)
        return rng.choice([
            f"{first}{said}{mark(rng)}{holiday}{again}",
            f"{said}{brackets(rng, first)}{holiday}{again}",
            f"{said}{brackets(rng, first)}，{again}{brackets(rng, holiday)}",
            f"{first}：{said}；{holiday}：{again}",
        ]), Meaning(week)  # fmt: skip
    if kind == 1 and len(days) == 7:
        week.holiday = row
        return rng.choice([
            f"{first}{brackets(rng, '含' + holiday)}{said}",
            f"{first}{said}{mark(rng)}{holiday}{rng.choice(ALIKE)}",
            f"{first}{said}{brackets(rng, '全年无休')}",
        ]), Meaning(week)  # fmt: skip
    if kind == 2:
        week = Week()
        put(week, (0, 1, 2, 3, 4), row)
        week.holiday = ()
        word = rng.choice(["工作日", "法定工作日", "平日"])
        return rng.choice([f"{word}{said}", f"{word}：{said}", f"{said}{brackets(rng, word)}"]), (
            Meaning(week)
        )
    week.holiday = ()
    without = without_holidays(rng)
    return rng.choice([
        f"{first}{brackets(rng, without)}{said}",
        f"{said}{brackets(rng, f'{first}，{without}')}",
        f"{said}{brackets(rng, first)}{holiday}{rng.choice(OFF)}",
        f"{first}{said}{brackets(rng, without)}",
        f"{first}{said}{mark(rng)}{holiday}{rng.choice(OFF)}",
        f"{first}，{holiday}除外，{said}",
        f"除{holiday}外，{first}{said}",
    ]), Meaning(week)  # fmt: skip


def closed_days(rng: Random) -> tuple[str, Meaning]:
    """Every day but one."""
    but = rng.choice([(0,), (6,), (5, 6), (1,)])
    said, row = times(rng)
    week = Week()
    put(week, tuple(range(7)), row)
    put(week, but, ())
    name, every = named(rng, but), named(rng, tuple(range(7)))
    return rng.choice([
        f"{said}{brackets(rng, name + '除外')}",
        f"{every}{brackets(rng, name + '除外')}{said}",
        f"{every}{said}{mark(rng)}{name}{rng.choice(OFF)}",
        f"{said}{mark(rng)}{name}{rng.choice(OFF)}",
        f"除{name}外每天{said}",
        f"{name}{rng.choice(OFF)}{mark(rng)}{said}",
    ]), Meaning(week)  # fmt: skip


def always(rng: Random) -> tuple[str, Meaning]:
    row: Row = ((0, 1440),)
    text = rng.choice([
        "24小时", "7×24小时", "7*24小时", "7x24小时", "24小时营业", "全年24小时开放",
        "全天24小时开放", "24小时（自助）", "24小时自助", "全天开放", "00:00-23:59", "0:00-24:00",
        "每天24小时", "7天24小时", "24H", "24小时营业，全年无休", "周一至周日 全天",
        "周一至周日00:00-23:59", "二十四小时", "24/7",
        "365天24小时", "24小时服务", "全天候24小时", "24小时全天开放",
    ])  # fmt: skip
    return text, Meaning(Week([row] * 7, row))


def seasons(rng: Random) -> tuple[str, Meaning]:
    (said, row), (again, second) = times(rng), times(rng)
    begins, ends = rng.choice([4, 5, 6]), rng.choice([9, 10])
    summer = ((begins, 1), (ends, {9: 30, 10: 31}[ends]))
    winter = ((ends + 1, 1), (begins - 1, {3: 31, 4: 30, 5: 31}[begins - 1]))
    next_year = rng.choice(["", "次年"])
    if rng.random() < 0.5:
        warm = f"{begins}月{rng.choice(['-', '至'])}{ends}月"
        cold = f"{ends + 1}月至{next_year}{begins - 1}月"
    else:
        warm = f"{begins}月1日{rng.choice(['-', '至', '—'])}{ends}月{summer[1][1]}日"
        cold = f"{ends + 1}月1日-{next_year}{begins - 1}月{winter[1][1]}日"
    days = rng.choice([(0, 1, 2, 3, 4), tuple(range(7))])
    day = "" if len(days) == 7 and rng.random() < 0.5 else named(rng, days)
    hot, icy = Week(), Week()
    put(hot, days, row)
    put(icy, days, second)
    text = rng.choice([
        f"夏季（{warm}）{day}{said}{mark(rng)}冬季（{cold}）{day}{again}",
        f"夏季({warm})：{day}{said}{mark(rng)}冬季({cold})：{day}{again}",
        f"{warm}：{day}{said}；{cold}：{day}{again}",
        f"{day}{said}（{warm}）{mark(rng)}{day}{again}（{cold}）",
        f"{day}{said}（夏季：{warm}）{mark(rng)}{day}{again}（冬季：{cold}）",
        f"夏季{day}{said}（{warm}），冬季{day}{again}（{cold}）",
    ])  # fmt: skip
    if rng.random() < 0.25:
        text += "；法定节假日休息"
        hot.holiday = icy.holiday = ()
    return text, Meaning(Week(), [(*summer, hot), (*winter, icy)])


def undated(rng: Random) -> tuple[str, Meaning]:
    said, again = times(rng)[0], times(rng)[0]
    text = rng.choice([f"夏季{said} 冬季{again}", f"夏令时{said}；冬令时{again}", f"夏季：{said}"])
    return text, Meaning(None)


def closures(rng: Random) -> tuple[str, Meaning]:
    text, meaning = one_rule(rng)
    first = date(2018, 1, 1) + timedelta(days=rng.randrange(3000))
    last = first + timedelta(days=rng.randrange(20))
    meaning.closed = [(first, last)]
    chinese = [f"{one.year}年{one.month}月{one.day}日" for one in (first, last)]
    return rng.choice([
        f"{text}  非营业时段 {first}至{last} 全天",
        f"{text} 非营业时段 {first}至{last}",
        f"{text}，{chinese[0]}至{chinese[1]}{rng.choice(['休息', '闭馆', '放假', '停业'])}",
        f"{text}（{first}至{last}休息）",
    ]), meaning  # fmt: skip


SHAPES: Final[dict[str, tuple[Callable[[Random], tuple[str, Meaning]], int]]] = {
    "one rule": (one_rule, 20),
    "several rules": (several, 30),
    "holidays": (holidays, 20),
    "closed days": (closed_days, 8),
    "round the clock": (always, 3),
    "seasons": (seasons, 8),
    "seasons without dates": (undated, 3),
    "dated closures": (closures, 6),
}


def noisy(rng: Random, text: str) -> str:
    """With a heading before, a stop after, in wide letters or with other brackets."""
    if rng.random() < 0.12:
        text = rng.choice(["营业时间：", "开放时间:", "服务时间为", "开放时间："]) + text
    if rng.random() < 0.08:
        text += rng.choice(["。", "；", " ", "开放"])
    if rng.random() < 0.08:
        text = text.translate({n: n + 0xFEE0 for n in range(0x30, 0x3A)})
    return text


def written(seed: int, count: int) -> Sequence[Written]:
    """That many different texts."""
    rng = Random(seed)
    names = list(SHAPES)
    weights = [weight for _, weight in SHAPES.values()]
    found: dict[str, Written] = {}
    while len(found) < count:
        shape = rng.choices(names, weights)[0]
        text, meaning = SHAPES[shape][0](rng)
        text = noisy(rng, text)
        found.setdefault(text, Written(text, meaning, shape))
    return list(found.values())
