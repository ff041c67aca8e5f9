"""Messages to many: written, tried out, sent, paused, cancelled; leagues and roles."""

import re
from datetime import timedelta

import httpx
from sqlalchemy import select, update

from bot.console.parts import Parts
from bot.services.broadcasts.fan_out import fan_out
from bot.services.couriers.account_linking import AccountLinking
from bot.services.couriers.profiles import Profiles
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Role
from bot.store.models.broadcasts import BroadcastRow
from bot.store.models.notifications import OutboxRow
from tests.conftest import ManualClock
from tests.support.console import KEYS, OperatorClient, add_operator, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, XSS
from tests.support.trainings import create_couriers

WORDS = "明天大风，注意安全"


async def couriers(console: Parts, count: int = 3, league: str = "") -> list[int]:
    async with console.store.writing() as db:
        made = await create_couriers(db, count, console.clock())
        for one in made if league else []:
            await Profiles(KEYS).belong(db, one, console.clock(), league=league)
        return made


async def drafted(client: OperatorClient, **given: str) -> str:
    """The address of a new draft."""
    form = {"text:zh_CN": WORDS, "topic": "station", **given}
    answer = await client.post("/messages/new", form)
    assert answer.status_code == 303, text_of(answer)
    await client.get(answer.headers["location"])
    return str(answer.headers["location"])


async def sent(client: OperatorClient, **given: str) -> str:
    draft = await drafted(client, **given)
    await client.sends(f"{draft}/send", {"when": "now", "hours": "24"})
    return draft


async def actions(console: Parts, draft: str) -> list[str]:
    async with console.store.reading() as db:
        found = await audit.of_subject(db, SubjectKind.BROADCAST, draft.rpartition("/")[2])
    return [one.action for one in reversed(found)]


async def test_a_message_is_sent_to_as_many_as_the_preview_said(
    console: Parts, clock: ManualClock
) -> None:
    await couriers(console, 3)
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    async with signed_in(console, trainer) as client:
        draft = await drafted(client)
        page = text_of(await client.get(draft))
        assert "发给3名骑手" in page
        shown = re.search(f"微信 · Telegram · 网页 · 终端.{{0,20}}{WORDS}.{{0,30}}停驿站", page)
        assert shown is not None
        assert await fan_out(console.store, clock()) == 0
        done = text_of(await client.sends(f"{draft}/send", {"when": "now", "hours": "24"}))
        assert "共3名骑手" in done
        assert await fan_out(console.store, clock()) == 3
        assert (await client.post(f"{draft}/send", {"when": "now"})).status_code == 409
    assert await actions(console, draft) == ["broadcast.draft", "broadcast.start"]


async def test_a_message_waits_for_its_time(console: Parts, clock: ManualClock) -> None:
    await couriers(console)
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    async with signed_in(console, trainer) as client:
        draft = await drafted(client)
        for at in ("", "morgen", "2026-11-22T09:00"):
            form = {"when": "later", "at": at, "hours": "6"}
            answer = await client.post(f"{draft}/send", form)
            assert answer.status_code == 422
            assert 'value="later" checked' in answer.text
        page = await client.sends(
            f"{draft}/send", {"when": "later", "at": "2026-11-24T09:30", "hours": "6"}
        )
        assert "2026-11-24 09:30 开始" in text_of(page)
        assert await fan_out(console.store, clock()) == 0
        clock.forward(days=1)
        assert await fan_out(console.store, clock()) == 3
    async with console.store.reading() as db:
        row = (await db.scalars(select(BroadcastRow))).one()
    assert row.not_after - row.at == timedelta(hours=6)


async def test_a_message_is_paused_resumed_and_cancelled(
    console: Parts, clock: ManualClock
) -> None:
    await couriers(console)
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    async with signed_in(console, trainer) as client:
        draft = await sent(client)
        await fan_out(console.store, clock())
        assert "继续" in text_of(await client.sends(draft, {"does": "pause"}))
        assert (await client.post(draft, {"does": "pause"})).status_code == 409
        assert "暂停" in text_of(await client.sends(draft, {"does": "resume"}))
        page = text_of(await client.sends(draft, {"does": "cancel"}))
        assert "3名骑手不会收到" in page
        assert (await client.post(draft, {"does": "resume"})).status_code == 409
        assert (await client.post(draft, {"does": "dance"})).status_code == 404
    assert await actions(console, draft) == [
        "broadcast.draft",
        "broadcast.start",
        "broadcast.pause",
        "broadcast.resume",
        "broadcast.cancel",
    ]


async def test_what_did_not_arrive_is_told_by_reason(console: Parts, clock: ManualClock) -> None:
    await couriers(console, 4)
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    async with signed_in(console, trainer) as client:
        draft = await sent(client)
        await fan_out(console.store, clock())
        async with console.store.writing() as db:
            ids = list(await db.scalars(select(OutboxRow.id).order_by(OutboxRow.id)))
            mine = update(OutboxRow)
            await db.execute(mine.where(OutboxRow.id == ids[0]).values(status="sent"))
            held = {"status": "held", "reason": "window"}
            await db.execute(mine.where(OutboxRow.id.in_(ids[1:3])).values(held))
        page = await client.http.get(draft, headers={"HX-Request": "true", "HX-Target": "progress"})
        assert page.status_code == 200
        assert "<html" not in page.text
        said = text_of(page)
        assert "3/4" in said
        assert "取消，3名骑手不再收到" in said  # one is due, two wait for their next message
        assert re.search("太久没来聊.{0,20}2", said)
        await client.sends(draft, {"does": "cancel"})
        page = await client.http.get(draft, headers={"HX-Request": "true", "HX-Target": "progress"})
        assert page.status_code == 286  # ends the polling
        listed = text_of(await client.get("/messages"))
        assert "4/4" in listed


async def test_at_night_the_page_says_when_it_goes_on(console: Parts, clock: ManualClock) -> None:
    await couriers(console)
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    async with signed_in(console, trainer) as client:
        draft = await sent(client)
        assert "夜间" not in text_of(await client.get(draft))
    clock.forward(hours=13)
    assert await fan_out(console.store, clock()) == 0
    async with signed_in(console, trainer) as client:
        page = await client.http.get(draft, headers={"HX-Request": "true", "HX-Target": "progress"})
        assert re.search(r"夜间不打扰骑手，0\d:\d\d 继续", text_of(page))


async def test_the_same_text_within_a_day_needs_a_word(console: Parts, clock: ManualClock) -> None:
    await couriers(console)
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    async with signed_in(console, trainer) as client:
        first = await sent(client)
        second = await drafted(client)
        answer = await client.post(f"{second}/send", {"when": "now", "hours": "24"})
        assert answer.status_code == 422
        assert f"第{first.rpartition('/')[2]}号" in text_of(answer)
        assert 'name="again"' in answer.text
        await client.sends(f"{second}/send", {"when": "now", "hours": "24", "again": "yes"})


async def test_a_draft_is_changed_and_deleted(console: Parts, clock: ManualClock) -> None:
    await couriers(console)
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    async with signed_in(console, trainer) as client:
        draft = await drafted(client)
        for text in ("", " ", "长" * 501):
            answer = await client.post(f"{draft}/edit", {"text:zh_CN": text, "topic": "card"})
            assert answer.status_code == 422
        form = {"text:zh_CN": f"{XSS}\r\n第二行", "text:en": "Wind", "topic": "card"}
        page = await client.sends(f"{draft}/edit", form)
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "English" in page.text
        assert "{{7*7}}" in text_of(page)
        assert "Wind" in text_of(await client.get(f"{draft}/edit"))
        await client.sends(draft, {"does": "discard"})
        assert (await client.get(draft)).status_code == 404
        assert (await client.post(f"{draft}/send", {"when": "now"})).status_code == 404


async def test_an_operator_writes_to_their_leagues_only(console: Parts, clock: ManualClock) -> None:
    await couriers(console, 2, HOHHOT)
    await couriers(console, 1, BAOTOU)
    mine = await add_operator(console.store, clock, Role.TRAINER, [HOHHOT], "mine")
    region = await add_operator(console.store, clock, Role.TRAINER, (), "region")
    async with signed_in(console, region) as client:
        theirs = await drafted(client, league=BAOTOU)
        everybodys = await drafted(client)
    async with signed_in(console, mine) as client:
        for league in ("", BAOTOU):
            form = {"text:zh_CN": WORDS, "topic": "card", "league": league}
            assert (await client.post("/messages/new", form)).status_code == 403
        for draft in (theirs, everybodys):
            assert (await client.get(draft)).status_code == 403
            for change in ("/send", "/test", "/edit", ""):
                form = {"text:zh_CN": WORDS, "league": HOHHOT, "does": "discard", "when": "now"}
                assert (await client.post(f"{draft}{change}", form)).status_code == 403
        own = await drafted(client, league=HOHHOT)
        assert "发给2名骑手" in text_of(await client.get(own))
        page = await client.get("/messages")
        assert re.findall(r'href="(/messages/\d+)"', page.text) == [own]


async def test_who_may_not_send_messages_is_refused(console: Parts, clock: ManualClock) -> None:
    for role in (Role.READER, Role.CARDS):
        operator = await add_operator(console.store, clock, role)
        async with signed_in(console, operator) as client:
            assert "/messages" not in (await client.get("/")).text
            assert (await client.get("/messages")).status_code == 403
            form = {"text:zh_CN": WORDS}
            assert (await client.post("/messages/new", form)).status_code == 403


async def test_a_message_is_tried_out_in_ones_own_chat(console: Parts, clock: ManualClock) -> None:
    (me,) = await couriers(console, 1)
    await couriers(console, 2)
    trainer = await add_operator(console.store, clock, Role.TRAINER)
    async with console.store.writing() as db:
        code = await AccountLinking(KEYS).new_code(db, me, clock())
    async with signed_in(console, trainer) as client:
        draft = await drafted(client)
        assert (await client.post(f"{draft}/test")).status_code == 422
        wrong = await client.post(f"{draft}/chat", {"does": "link", "code": "AAAA-AAAA"})
        assert wrong.status_code == 422
        await client.sends(f"{draft}/chat", {"does": "link", "code": code})
        assert "已发到你的Telegram" in text_of(await client.sends(f"{draft}/test"))
        again = await client.post(f"{draft}/chat", {"does": "link", "code": code})
        assert again.status_code == 422  # a code is used once
        async with console.store.reading() as db:
            found = (await db.execute(select(OutboxRow.courier_id, OutboxRow.status))).all()
        assert [tuple(one) for one in found] == [(me, "ready")]
        await client.sends(f"{draft}/chat", {"does": "unlink"})
        assert (await client.post(f"{draft}/test")).status_code == 422


async def test_wrong_codes_are_counted(console: Parts, clock: ManualClock) -> None:
    (me,) = await couriers(console, 1)
    trainer: Operator = await add_operator(console.store, clock, Role.TRAINER)
    async with signed_in(console, trainer) as client:
        draft = await drafted(client)

        async def tries(code: str) -> httpx.Response:
            return await client.post(f"{draft}/chat", {"does": "link", "code": code})

        for _ in range(5):
            await tries("AAAA-AAAA")
        async with console.store.writing() as db:
            code = await AccountLinking(KEYS).new_code(db, me, clock())
        assert "十分钟后" in text_of(await tries(code))
        clock.forward(minutes=11)
        async with console.store.writing() as db:
            code = await AccountLinking(KEYS).new_code(db, me, clock())
        assert (await tries(code)).status_code == 303


async def test_a_time_is_not_ignored_and_not_in_the_past(
    console: Parts, clock: ManualClock
) -> None:
    operator = await add_operator(console.store, clock)
    await couriers(console)
    async with signed_in(console, operator) as client:
        draft = await drafted(client)
        for form, said in (
            ({"when": "now", "at": "2026-11-24T09:00"}, "却选了“现在”"),
            ({"when": "later", "at": "2026-11-20T09:00"}, "已经过了"),
            ({"when": "later", "at": ""}, "2026-11-28 09:00"),
        ):
            answer = await client.post(f"{draft}/send", form)
            assert answer.status_code == 422
            assert said in text_of(answer)
