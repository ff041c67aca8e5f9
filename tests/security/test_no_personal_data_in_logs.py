"""Distinctive personal values go every way there is and are found nowhere in clear."""

import base64
import io
import json
import logging
import sys
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import ClientSession, FormData
from sqlalchemy import select

from bot.services.cards.applications import Cards
from bot.store.engine import open_store
from bot.store.models.conversation import InboxRow
from tests.conftest import ManualClock
from tests.support.cards import KEYS, RECORD, open_counters, report
from tests.support.content import lesson, photo, put_content
from tests.support.courier import Deployment, Line, lines
from tests.support.honours import open_campaign
from tests.support.person_conversations import Desk
from tests.support.screens import Screen
from tests.support.stations import HERE, create_stations

CANARIES = {
    "name": "钱鸬鹚",
    "phone": "18877665544",
    "number": "KANARIE7741",
    "digits": "5544",
    "id": "150102198806157747",
    "card": "6222020200112233446",
    "typed name": "孙鹈鹕",
    "typed phone": "17799881122",
    "firm": "金丝雀速送",
    "asking firm": "鹭鸶速递有限公司",
    "pasted": "KANARIE-9931.top",
    "outlet": "鸟巢街支行",
    "papers": "鸬鹚居住证明",
    "reason": "KANARIE原因",
    "parcel": "SFKANARIE99",
}
RECORD_OF_CANARIES = replace(
    RECORD,
    number=CANARIES["number"],
    label="待补件",
    name=CANARIES["name"],
    phone=CANARIES["phone"],
    id_last4=CANARIES["id"][-4:],
    missing_docs=CANARIES["papers"],
    reject_reason=CANARIES["reason"],
    parcel=CANARIES["parcel"],
)
SHORT = {"digits"}
"""Four digits stand in any number of places by chance; the whole phone is looked for instead."""


def forms(value: str) -> Iterator[bytes]:
    """A value as it may stand in a file: UTF-8, UTF-16, JSON, base64 at each offset, a URL."""
    raw = value.encode()
    yield raw
    yield value.encode("utf-16-le")
    yield json.dumps(value)[1:-1].encode()
    yield urllib.parse.quote(value).encode()
    yield raw.hex().encode()
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[4 if shift else 0 : len(coded) // 4 * 4 - 4]


def leaks(data: bytes) -> list[str]:
    """The names of the canaries that are in there."""
    return [
        name
        for name, value in CANARIES.items()
        if name not in SHORT
        for form in forms(value)
        if len(form) >= 8 and form in data
    ]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged, by structlog as in service and by the libraries' loggers."""
    out = io.StringIO()
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    for name, module in list(sys.modules.items()):  # a logger that was used keeps its settings
        if name.startswith("bot.") and hasattr(module, "log"):
            monkeypatch.setattr(module, "log", structlog.get_logger())
    handler = logging.StreamHandler(out)
    handler.setLevel(logging.DEBUG)
    root = logging.getLogger()
    root.addHandler(handler)
    yield out
    root.removeHandler(handler)
    structlog.configure(**before)


@pytest.fixture
async def deployment(
    sqlite_url: str, clock: ManualClock, logged: io.StringIO
) -> Any:  # an async generator, as pytest wants it
    """Two replicas over one SQLite file, and a bank that has reported."""
    store = await open_store(sqlite_url)
    await create_stations(store, clock)
    await store.close()
    async with Deployment({"YIZHAN_DATABASE_URL": sqlite_url}, clock) as made:
        await open_counters(made, 1)
        await report(made.replicas[0].store, clock(), RECORD_OF_CANARIES)
        yield made


async def tell_everything(courier: Line) -> list[Screen]:
    """Every way in which a courier may come to type a personal value."""
    typed = (
        CANARIES["id"],
        f"我叫{CANARIES['typed name']},卡号{CANARIES['card']}",
        f"{CANARIES['number']} {CANARIES['phone']}",
        "办卡进度",
        "好",
        CANARIES["id"],
        CANARIES["card"],
        CANARIES["number"],
        "0000",
        CANARIES["number"],
        CANARIES["digits"],
        "办卡进度",
        "转人工",
        f"我是{CANARIES['typed name']}，回我{CANARIES['typed phone']}",
        "你存了我什么",
        "结束",
        "怎么办卡",
    )
    seen = [await courier.says(one) for one in typed]
    if "先登记" in seen[-1].labels:  # not where names would leave the country
        seen.append(await courier.picks("先登记"))
        form = ("typed name", "typed phone", "firm", "outlet")
        seen += [await courier.says(CANARIES[one]) for one in form]
        seen.append(await courier.picks("提交"))
    seen.append(await courier.says("公司想融资"))
    seen.append(await courier.picks("约一下"))
    if "不收姓名" not in seen[-1]:
        for one in ("typed name", "typed phone", "asking firm", "outlet"):
            seen.append(await courier.says(CANARIES[one]))
        seen.append(await courier.says("随时"))
        seen.append(await courier.picks("提交"))
        seen.append(await courier.says("我的预约"))
    seen.append(await courier.says("是不是骗子"))
    seen.append(await courier.says(f"先交手续费 http://{CANARIES['pasted']}/x"))
    seen.append(await courier.says("我的数据"))
    return seen


async def test_personal_values_are_found_nowhere_in_clear(
    deployment: Deployment, clock: ManualClock, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    for channel in ("web", "terminal", "telegram"):
        courier = lines(deployment, channel)[0]
        for seen in await tell_everything(courier):
            shown = "".join([seen.text, *seen.labels, *seen.links]).encode()
            own = {"firm", "asking firm", "outlet", "papers"}  # their own words, to them alone
            if "看看对不对" in seen:  # the one look at it all before it is sent
                own |= {"typed name", "typed phone"}
            assert {*leaks(shown)} <= own
    await talk_with_a_person(deployment, clock)
    with monkeypatch.context() as broken:
        crash(broken)
        for channel in ("web", "terminal"):
            seen = await lines(deployment, channel)[0].says("办卡进度")
            assert "编号" in seen
            assert not leaks(seen.text.encode())
    store = deployment.replicas[0].store
    path = Path(str(store.writer.url.database))
    files = [one for one in path.parent.iterdir() if one.name.startswith(path.name)]
    assert any(one.name.endswith("-wal") and one.stat().st_size for one in files)
    for one in files:
        assert leaks(one.read_bytes()) == [], one.name
    async with ClientSession() as http:
        for address in ("/metrics", "/readyz", "/healthz", f"/{CANARIES['number']}"):
            async with http.get(deployment.addresses[0] + address) as answer:
                assert leaks(await answer.read()) == []
                assert leaks(json.dumps(dict(answer.headers)).encode()) == []
    assert "turn.failed" in logged.getvalue()
    assert leaks(logged.getvalue().encode()) == []


async def test_the_name_for_a_certificate_of_lessons_is_found_nowhere_in_clear(
    deployment: Deployment, clock: ManualClock, logged: io.StringIO
) -> None:
    store = deployment.replicas[0].store
    await put_content(store, clock, lesson())
    (courier,) = lines(deployment, "web")
    await courier.says("微课")
    for label in ("学第1课", "下一张", "下一张", "开始答题", "用雪搓", "下一题", "换干的"):
        await courier.picks(label)
    await courier.picks("下一题")
    await courier.picks("停下歇会儿")
    await courier.picks("领证书")
    assert CANARIES["typed name"] in await courier.says(CANARIES["typed name"])
    seen = await courier.picks("同意")
    assert seen.documents
    for one in (seen, await courier.says("你存了我什么")):
        assert leaks("".join([one.text, *one.labels, *one.links, *one.documents]).encode()) == []
    path = Path(str(store.writer.url.database))
    for file in path.parent.iterdir():
        if file.name.startswith(path.name):
            assert leaks(file.read_bytes()) == [], file.name
    assert leaks(logged.getvalue().encode()) == []


async def test_a_nomination_is_found_nowhere_in_clear(
    deployment: Deployment, clock: ManualClock, logged: io.StringIO
) -> None:
    store = deployment.replicas[0].store
    await open_campaign(store, clock())
    (courier,) = lines(deployment, "web")
    await courier.says("自荐")
    for one in ("typed name", "firm"):
        await courier.says(CANARIES[one])
    await courier.picks("呼和浩特")
    papers, outlet = CANARIES["papers"], CANARIES["outlet"]
    story = f"{papers}丢了，他冒雪跑了三趟，硬是找了回来，{outlet}的人都认识他。"
    seen = await courier.says(story)
    assert {*leaks(seen.text.encode())} == {"typed name", "firm", "papers", "outlet"}
    await courier.picks("同意并提交")
    await courier.picks("我的提名")
    link = (await courier.picks("加张照片")).links[0]
    form = FormData()
    form.add_field("photo", photo(exif=True), filename="me.jpg")
    page = deployment.addresses[0] + urllib.parse.urlparse(link).path
    async with ClientSession() as http, http.post(page, data=form) as answer:
        assert answer.status == 200
    assert leaks((await courier.says("你存了我什么")).text.encode()) == []
    path = Path(str(store.writer.url.database))
    for file in path.parent.iterdir():
        if file.name.startswith(path.name):
            assert leaks(file.read_bytes()) == [], file.name
            assert b"SECRETCAMERA" not in file.read_bytes()
            assert b"JFIF" not in file.read_bytes()
    assert leaks(logged.getvalue().encode()) == []


async def talk_with_a_person(deployment: Deployment, clock: ManualClock) -> None:
    """Both sides of a conversation name personal values; the operator's page masks the phone."""
    app = deployment.replicas[0]
    desk = Desk(app.store, app.keys, clock)
    courier = lines(deployment, "telegram")[0]
    await courier.says("转人工")
    number = await desk.take()
    await courier.says(f"{CANARIES['typed name']} {CANARIES['typed phone']} {CANARIES['card']}")
    await desk.answer(number, f"您好{CANARIES['name']}")
    assert not {"typed phone", "card"} & set(leaks("".join(await desk.read(number)).encode()))
    await deployment.deliver()
    await courier.says("结束")


def crash(patch: pytest.MonkeyPatch) -> None:
    """A turn that fails with a personal value in its hands and in its error."""

    async def fail(*_: object) -> None:
        name = CANARIES["name"]
        raise RuntimeError(f"no row for {name} {CANARIES['phone']}")

    patch.setattr(Cards, "whole", fail)


async def test_the_search_itself_would_find_them(
    deployment: Deployment, clock: ManualClock
) -> None:
    """The canaries are really in there: opened with the keys they are all found."""
    courier = lines(deployment, "terminal")[0]
    await courier.shares(*HERE)
    await tell_everything(courier)
    async with deployment.replicas[0].store.reading() as db:
        kept = list(await db.scalars(select(InboxRow.answer)))
    answers = [KEYS.open(one, "inbox.answer") for one in kept if one]
    assert "firm" in leaks("".join(answers).encode())
    for name, value in CANARIES.items():
        if name not in SHORT:
            for form in forms(value):
                assert len(form) < 8 or name in leaks(b"\x01" + form + b"\x02")
