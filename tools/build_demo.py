"""Writes `bot/data/demo_stations.csv`: invented stations at real towns, all named 示例.

    python -m tools.build_demo

Deterministic: the same file every time. Towns are the seats of `bot/data/places.csv` and a few
more GeoNames points (CC BY 4.0); streets, hours, equipment, phones and dates are made up, and no
row describes a real station. What it shows on purpose: bank hours with a midday gap, 24-hour
self-service, winter hours, holidays, hours past midnight, unknown hours, broken and unconfirmed
facilities, stations that pause, moved or closed for good.
"""

import csv
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent.parent / "bot" / "data"
TARGET: Final = DATA / "demo_stations.csv"
COLUMNS: Final = (
    "编号", "名称", "站点类型", "建设单位", "盟市", "旗县", "区划代码", "地址", "经度", "纬度",
    "坐标系", "服务时间", "服务设施", "进入方式", "门口提示", "电动车停放", "卫生间", "电话",
    "星级", "核实日期", "状态", "例外安排", "示例",
)  # fmt: skip

USUAL: Final = 2
COUNTS: Final = {
    "150102": 10, "150103": 7, "150104": 6, "150105": 11, "150202": 7, "150203": 11, "150204": 9,
    "150207": 5, "150221": 3, "150302": 8, "150303": 3, "150304": 4, "150402": 8, "150403": 4,
    "150404": 9, "150429": 3, "150430": 3, "150502": 10, "150581": 3, "150602": 11, "150603": 6,
    "150621": 4, "150622": 5, "150627": 3, "150702": 8, "150781": 5, "150782": 3, "150783": 3,
    "150802": 9, "150823": 3, "150902": 9, "150981": 3, "152201": 8, "152501": 4, "152502": 8,
    "152921": 5,
}  # fmt: skip
"""Stations of a banner where there are more than usual, about as its people."""

TOWNS: Final = (
    ("150102", "毫沁营", 40.88222, 111.715), ("150205", "石拐老区", 40.70583, 110.28556),
    ("150303", "拉僧庙", 39.32306, 106.83556), ("150402", "桥北", 42.28333, 118.95),
    ("150602", "天骄", 39.82553, 109.99953), ("150622", "沙圪堵", 39.6475, 110.85944),
    ("150703", "灵泉", 49.4052, 117.677), ("150725", "宝日希勒", 49.34679, 119.78459),
    ("150823", "乌拉山", 40.665, 108.74472),
)  # fmt: skip
"""One more station in each of these, by banner."""

STREETS: Final[Mapping[str, Sequence[str]]] = {
    "150102": ("新华大街", "呼伦贝尔北路", "海拉尔东街", "成吉思汗大街", "哲里木路", "车站东街"),
    "150103": ("中山西路", "通道北街", "光明西街", "新华西街", "钢铁路"),
    "150104": ("大南街", "鄂尔多斯西街", "石羊桥西路", "昭君路", "五塔寺西街"),
    "150105": ("大学西街", "昭乌达路", "鄂尔多斯东街", "乌兰察布东街", "金桥路", "丰州路"),
    "150202": ("巴彦塔拉大街", "环城路", "南门外大街", "西脑包大街", "和平路"),
    "150203": ("钢铁大街", "阿尔丁大街", "友谊大街", "林荫路", "白云路", "青年路"),
    "150204": ("富强路", "民主路", "文化路", "自由路", "建设路", "幸福路"),
    "150302": ("新华东街", "海达街", "人民路", "狮城街"),
    "150402": ("哈达街", "昭乌达路", "三道街", "清河路", "长青街"),
    "150404": ("玉龙大街", "芳草路", "广场路", "临潢大街", "松州路"),
    "150502": ("明仁大街", "和平路", "建国路", "霍林河大街", "永安路"),
    "150602": ("天骄路", "鄂尔多斯街", "达拉特路", "伊金霍洛西街", "准格尔路", "杭锦路"),
    "150603": ("鄂尔多斯大街", "青春山路", "正阳街", "康宁街"),
    "150702": ("中央大街", "胜利大街", "河东中央街", "阿里河路", "学府路"),
    "150781": ("一道街", "二道街", "五道街", "海关街"),
    "150802": ("胜利路", "新华街", "解放街", "金川大道", "五一街"),
    "150902": ("恩和路", "民建路", "工农大街", "解放大街", "怀远大街"),
    "152201": ("兴安北大路", "五一北路", "罕山街", "乌兰大街"),
    "152502": ("锡林大街", "额尔敦路", "那达慕大街", "团结大街"),
    "152921": ("额鲁特大街", "土尔扈特路", "和硕特路", "雅布赖路"),
}
ANYWHERE: Final = (
    "新华街", "团结路", "建设街", "振兴路", "文化路", "迎宾路", "站前街", "光明街", "民族路",
    "草原街", "友谊路", "人民路", "和平街", "胜利街",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of station: who runs it, when it is open and how one gets in."""

    sort: str
    owner: str
    title: str
    hours: Sequence[str]
    entry: Sequence[str]
    door: Sequence[str]
    weight: int


MODELS: Final = (
    Model(
        "共建固定",
        "工行{short}{street}支行（示例）",
        "爱心驿站",
        (
            "Mo-Fr 09:00-12:00,13:30-17:00; Sa,Su 10:00-15:30; PH off",
            "Mo-Fr 09:00-17:00; Sa,Su,PH off",
            "Mo-Fr 08:30-11:30,14:30-17:30; PH off",
            "Mo-Su 09:00-17:00; PH off",
            "Mo-Fr 09:00-12:00,14:00-17:00",
        ),
        ("直接进入",),
        (
            "临街正门，红色“爱心驿站”牌子",
            "网点大厅进门左手边，不用取号",
            "自助厅旁边的玻璃门，门上有“户外劳动者驿站”标识",
            "正门右侧小门，推开就是休息区",
        ),
        52,
    ),
    Model(
        "智能",
        "{banner}总工会（示例）",
        "自助驿站",
        ("24/7",),
        ("扫码(填手机+职业)", "密码锁", "会员码"),
        (
            "路边灰色小屋，扫门上二维码开门",
            "24小时自助厅，夜里按门铃旁的绿色按钮",
            "门口有蓝色灯箱，扫码后推门",
        ),
        14,
    ),
    Model(
        "自建固定",
        "{banner}总工会（示例）",
        "小哥驿站",
        (
            "Mo-Su 08:00-20:00",
            "Mo-Su 07:30-21:30",
            "Mo-Fr 08:00-18:00; Sa,Su 09:00-17:00",
            "Mo-Su 06:00-18:00",
        ),
        ("直接进入", "直接进入", "扫码(填手机+职业)"),
        (
            "一楼临街，门口有工会蓝色牌子",
            "社区服务中心旁边，红色小房子",
            "职工之家一楼，进门右转",
        ),
        22,
    ),
    Model(
        "共建固定",
        "{league}邮政管理局（示例）",
        "邮爱驿站",
        ("Mo-Sa 07:00-19:00; Su off", "Mo-Su 07:00-19:30", "Mo-Fr 08:30-17:30; PH off"),
        ("直接进入",),
        ("分拨场地门卫室隔壁，绿色牌子", "营业厅侧门，写着“快递小哥请进”"),
        9,
    ),
    Model(
        "流动",
        "{banner}交通运输局（示例）",
        "夜间暖心驿站",
        ("Mo-Su 18:00-02:00", "Fr-Su 16:00-24:00"),
        ("直接进入",),
        ("广场东侧白色暖心车，车身有红色条幅",),
        3,
    ),
)
NIGHT: Final = MODELS[-1].title

PARKING: Final = (
    "门前可停，不挡盲道",
    "门口有充电桩，可停6辆",
    "停在右侧空地",
    "路边车位，勿停消防通道",
    "",
)
BASIC: Final = ("seat", "water", "charge", "microwave", "hvac", "medkit", "toilet")
EXTRA: Final = (
    "fridge", "wifi", "rain", "books", "tools", "ebike", "nursing", "access", "aed", "meal",
    "bath", "print",
)  # fmt: skip
CHANGES: Final = (
    "2026-12-01..2027-02-28 Mo-Fr 09:30-16:30 冬季时间",
    "2026-11-01..2027-03-31 Mo-Su 09:00-16:30 冬季时间",
    "2026-10-01..2026-10-08 closed 国庆停业",
    "2027-02-05..2027-02-11 closed 春节停业",
    "2026-12-07..2026-12-13 closed 暖气检修",
    "2026-12-01..2027-02-28 Mo-Fr 09:30-16:30 冬季时间;2027-02-05..2027-02-11 closed 春节停业",
)
LAST_CHECK: Final = date(2026, 11, 15)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a station is to stand: its banner's row of `places.csv` and the town's centre."""

    banner: Mapping[str, str]
    town: str
    lat: float
    lon: float
    spread: float


def sites(places: Mapping[str, Mapping[str, str]]) -> Iterator[Site]:
    """As many per banner as planned; `spread` in metres grows with their number."""
    for code, banner in sorted(places.items()):
        if banner["kind"] == "banner":
            count = COUNTS.get(code, USUAL)
            spread = 500.0 + 200.0 * count
            for _ in range(count):
                yield Site(banner, "", float(banner["lat"]), float(banner["lon"]), spread)
    for code, town, lat, lon in TOWNS:
        yield Site(places[code], town, lat, lon, 300.0)


def facilities(dice: random.Random, model: Model) -> str:
    """`code` or `code=状态`: most of the basic ones, two or three others, few faults."""
    has = [code for code in BASIC if dice.random() < 0.86] or ["seat", "water"]
    has += dice.sample(EXTRA, dice.randint(0, 3))
    if model is MODELS[0]:
        has.append("bank")
    words = []
    for code in has:
        state = dice.choices(("", "=故障", "=缺货", "=待核实"), (92, 3, 2, 3))[0]
        if state == "=缺货" and code not in {"water", "medkit", "rain", "meal"}:
            state = "=故障"
        words.append(code + state)
    return ";".join(words)


def services(code: str) -> list[str]:
    """The services of a bank's outlet: wages and savings everywhere, others at some."""
    dice = random.Random(code)  # noqa: S311 (its own, so that nothing else moves)
    rarer = zip(("loan", "instalment", "insurance", "financing"), (6, 7, 4, 3), strict=True)
    return ["payroll", "saving", *(one for one, odds in rarer if dice.randrange(10) < odds)]


def rows() -> list[dict[str, str]]:
    """The stations, in the order of their codes."""
    dice = random.Random(20261122)  # noqa: S311 (invented stations)
    with (DATA / "places.csv").open(encoding="utf-8", newline="") as file:
        places = {row["adcode"]: row for row in csv.DictReader(file)}
    out: list[dict[str, str]] = []
    named: set[str] = set()
    numbers: dict[str, int] = {}
    for site in sites(places):
        code = site.banner["adcode"]
        numbers[code] = numbers.get(code, 0) + 1
        league = places[site.banner["league"]]
        banner, short = site.banner["name"], site.banner["short"]
        model = dice.choices(MODELS, [one.weight for one in MODELS])[0]
        streets = [site.town + s for s in STREETS.get(code, ()) or ANYWHERE if not site.town]
        street = dice.choice(streets) if streets else site.town + dice.choice(ANYWHERE)
        name = f"示例·{banner}{street}{model.title}"
        if name in named:
            name += f"（{numbers[code]}号）"
        named.add(name)
        away, turn = site.spread * math.sqrt(dice.random()), dice.uniform(0.0, math.tau)
        lat = site.lat + away * math.cos(turn) / 111_200
        lon = site.lon + away * math.sin(turn) / (111_200 * math.cos(math.radians(site.lat)))
        has = facilities(dice, model)
        if model is MODELS[0]:
            has = ";".join((has, *services(f"{code}-{numbers[code]}")))
        toilet = dice.choice(("站内", "站内", "就近")) if "toilet" in has.split(";") else ""
        stars = dice.choices((0, 1, 2, 3, 4, 5), (30, 2, 8, 25, 25, 10))[0]
        checked = LAST_CHECK - timedelta(days=int(dice.triangular(0, 300, 25)))
        known = model.title == NIGHT or dice.random() > 0.03
        out.append(
            {
                "编号": f"DEMO-{code}-{numbers[code]:02d}",
                "名称": name,
                "站点类型": model.sort,
                "建设单位": model.owner.format(
                    short=short, street=street, banner=banner, league=league["name"]
                ),
                "盟市": league["name"],
                "旗县": banner,
                "区划代码": code,
                "地址": f"{league['name']}{banner}{street}{dice.randint(1, 180)}号（示例地址）",
                "经度": f"{lon:.6f}",
                "纬度": f"{lat:.6f}",
                "坐标系": "wgs84",
                "服务时间": dice.choice(model.hours) if known else "",
                "服务设施": has,
                "进入方式": dice.choice(model.entry),
                "门口提示": dice.choice(model.door),
                "电动车停放": dice.choice(PARKING),
                "卫生间": toilet,
                "电话": f"0000-{1_000_000 + len(out):07d}" if dice.random() < 0.94 else "",
                "星级": str(stars) if stars else "",
                "核实日期": checked.isoformat(),
                "状态": "营业",
                "例外安排": dice.choice(CHANGES) if dice.random() < 0.16 else "",
                "示例": "是",
            }
        )
    unlike = dice.sample([row for row in out if row["区划代码"] in COUNTS], 8)
    for row, status in zip(unlike, ("暂停",) * 6 + ("搬迁", "撤销"), strict=True):
        row["状态"] = status
    return sorted(out, key=lambda row: row["编号"])


def main() -> None:
    """Writes the file and says how many stations it has."""
    stations = rows()
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(stations)
    print(f"{TARGET}: {len(stations)} stations, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
