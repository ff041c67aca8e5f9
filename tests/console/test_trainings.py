"""Trainings: list, new ones, changes with their messages, called off, conflicts, undo, leagues."""

import html
import re
from datetime import datetime, timedelta

import httpx
from sqlalchemy import select

from bot.common.clock import CHINA
from bot.console.parts import Parts
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Pin, Say
from bot.handlers.trainings.notifications import changed
from bot.services.operators import audit
from bot.services.operators.audit import Query, SubjectKind
from bot.services.operators.roles import Operator, Role
from bot.store.models.notifications import OutboxRow
from bot.store.models.trainings import TrainingRow
from tests.conftest import ManualClock
from tests.support.console import KEYS, OperatorClient, add_operator, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, XSS
from tests.support.console_trainings import Trainings, add_trainings
from tests.support.trainings import create_training


async def setting(
    console: Parts, clock: ManualClock, role: Role = Role.TRAINER, *leagues: str
) -> tuple[Operator, Trainings]:
    trainings = await add_trainings(console.store, KEYS, clock)
    return await add_operator(console.store, clock, role, leagues), trainings


def form_of(answer: httpx.Response) -> dict[str, str]:
    """The fields of the page's form as a browser would send them, unchanged."""
    part = answer.text[answer.text.index("<main") :]
    fields = {}
    for tag in re.findall(r"<input [^>]*>", part):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        is_off = 'type="checkbox"' in tag and "checked" not in tag
        if name and not is_off:
            fields[html.unescape(name[1])] = html.unescape(value[1] if value else "")
    for name, options in re.findall(r'<select name="(\w+)">(.*?)</select>', part):
        chosen = re.search(r'value="([^"]*)" selected', options)
        first = re.search(r'value="([^"]*)"', options)
        fields[name] = (chosen or first)[1] if first else ""
    for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>(.*?)</textarea>', part, re.DOTALL):
        fields[name] = html.unescape(text)
    return fields


async def notices(console: Parts, kind: str) -> list[int]:
    async with console.store.reading() as db:
        rows = select(OutboxRow.courier_id).where(OutboxRow.kind == kind)
        return sorted(await db.scalars(rows))


async def sent_text(console: Parts, clock: ManualClock, courier: int) -> str:
    """What the courier's notice of a change says when it is sent."""
    t = console.languages.of("zh_CN", None)
    async with console.store.reading() as db:
        mine = (OutboxRow.courier_id == courier) & (OutboxRow.kind == "training.changed")
        row = (await db.scalars(select(OutboxRow).where(mine))).one()
        reply = await changed(NoticeContext(db, courier, t, clock(), row.params))
    assert reply is not None
    first = reply.parts[0]
    assert isinstance(first, Say | Pin)
    return first.text


async def previewed(
    client: OperatorClient, number: int, **change: str
) -> tuple[httpx.Response, dict[str, str]]:
    """The preview of a change of single fields, and the form with which it is saved."""
    form = form_of(await client.get(f"/trainings/{number}/edit")) | change
    page = await client.post(f"/trainings/{number}/preview", form)
    assert page.status_code == 200, text_of(page)
    return page, form_of(page)


async def test_a_trainer_sees_the_trainings_of_their_leagues_only(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock, Role.TRAINER, HOHHOT)
    admin = await add_operator(console.store, clock)
    theirs, other = trainings.hohhot, trainings.baotou
    async with signed_in(console, trainer) as client:
        page = await client.get("/trainings")
        assert f"/trainings/{theirs}" in page.text
        assert f'"/trainings/{other}"' not in page.text
        assert (await client.get("/trainings", league=BAOTOU)).status_code == 403
        for path in ("", "/edit", "/cancel", "/people", "/attendance", "/sheet.xlsx", "/screen"):
            assert (await client.get(f"/trainings/{other}{path}")).status_code == 403, path
        for path in ("/certificates", "/feedback", "/poster.pdf", "/undo?revision=1"):
            assert (await client.get(f"/trainings/{other}{path}")).status_code == 403, path
        cancel = await client.post(f"/trainings/{other}/cancel", {"version": "0"})
        assert cancel.status_code == 403
        moved = form_of(await client.get(f"/trainings/{theirs}/edit")) | {"league": BAOTOU}
        answer = await client.post(f"/trainings/{theirs}/save", moved)
        assert answer.status_code == 403
        new = form_of(await client.get("/trainings/new")) | {"title": "x", "league": BAOTOU}
        assert (await client.post("/trainings/new", new | {"place": "y"})).status_code == 403
    async with console.store.reading() as db:
        assert (await db.get_one(TrainingRow, theirs)).league == HOHHOT
        refused = await audit.find(db, admin, Query(action="page.refused"))
    assert {one.league for one in refused} == {BAOTOU}


async def test_other_roles_have_no_trainings(console: Parts, clock: ManualClock) -> None:
    reader, trainings = await setting(console, clock, Role.READER)
    async with signed_in(console, reader) as client:
        assert "/trainings" not in (await client.get("/")).text
        for path in ("/trainings", f"/trainings/{trainings.hohhot}", "/trainings/new"):
            assert (await client.get(path)).status_code == 403


async def test_calling_off_shows_its_message_and_tells_everybody(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    number = trainings.hohhot
    async with signed_in(console, trainer) as client:
        page = await client.get(f"/trainings/{number}/cancel")
        said = text_of(page)
        assert "通知3位骑手" in said
        assert "《冬季骑行安全》11月28日周六 10:00–12:00取消了" in said
        assert await notices(console, "training.cancelled") == []
        done = await client.sends(f"/trainings/{number}/cancel", form_of(page))
        assert "已取消，正在通知3位骑手" in text_of(done)
        assert await notices(console, "training.cancelled") == trainings.couriers
        again = await client.post(f"/trainings/{number}/cancel", form_of(page))
        assert again.status_code == 409
        assert (await client.get(f"/trainings/{number}/cancel")).status_code == 422
        assert f"/trainings/{number}" in (await client.get("/trainings?shown=cancelled")).text
    assert await notices(console, "training.cancelled") == trainings.couriers
    async with console.store.reading() as db:
        newest, *_ = await audit.of_subject(db, SubjectKind.TRAINING, "T1")
    assert (newest.action, newest.actor, newest.league) == ("training.cancel", "trainer", HOHHOT)
    assert newest.after == {"status": "cancelled"}


async def test_a_change_is_told_in_the_words_that_were_shown(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    async with signed_in(console, trainer) as client:
        page, form = await previewed(
            client,
            trainings.hohhot,
            day="2026-11-29",
            place="职工之家",
            begins="09:30",
            ends="11:00",
        )
        said = text_of(page)
        assert "通知3位骑手" in said
        assert "有座位的 · 2位骑手" in said
        assert "候补 · 1位骑手" in said
        assert "有变动：《冬季骑行安全》11月29日周日 09:30–11:00 原定周六10:00开始" in said
        done = await client.sends(f"/trainings/{trainings.hohhot}/save", form)
        assert "正在通知3位骑手" in text_of(done)
    assert await notices(console, "training.changed") == trainings.couriers
    sent = [await sent_text(console, clock, one) for one in trainings.couriers[1:]]
    assert [one for one in sent if " ".join(one.split()) not in said] == []
    async with console.store.reading() as db:
        row = await db.get_one(TrainingRow, trainings.hohhot)
    assert row.starts_at == datetime(2026, 11, 29, 9, 30, tzinfo=CHINA)
    assert row.deadline == row.starts_at - timedelta(minutes=30)


async def test_going_online_is_told(console: Parts, clock: ManualClock) -> None:
    trainer, trainings = await setting(console, clock)
    async with signed_in(console, trainer) as client:
        page, form = await previewed(
            client, trainings.hohhot, is_online="是", link="https://live.example/1"
        )
        assert "改为线上举办" in text_of(page)
        await client.sends(f"/trainings/{trainings.hohhot}/save", form)
    assert await notices(console, "training.changed") == trainings.couriers


async def test_more_seats_are_offered_to_those_in_line_and_a_title_is_told_to_nobody(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    async with signed_in(console, trainer) as client:
        page, form = await previewed(client, trainings.hohhot, capacity="10")
        assert "候补靠前、得到座位的 · 1位骑手" in text_of(page)
        await client.sends(f"/trainings/{trainings.hohhot}/save", form)
        assert await notices(console, "training.offer") == trainings.couriers[2:]
        page, form = await previewed(client, trainings.hohhot, title="冬季骑行防滑")
        assert "不通知骑手" in text_of(page)
        await client.sends(f"/trainings/{trainings.hohhot}/save", form)
    assert await notices(console, "training.changed") == []


async def test_the_second_of_two_trainers_sees_what_the_first_changed(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    other = await add_operator(console.store, clock, name="other")
    path = f"/trainings/{trainings.hohhot}"
    async with signed_in(console, trainer) as first, signed_in(console, other) as second:
        _, mine = await previewed(first, trainings.hohhot, place="甲")
        _, theirs = await previewed(second, trainings.hohhot, place="乙")
        _, apart = await previewed(second, trainings.hohhot, contact="0471-1")
        off = form_of(await second.get(f"{path}/cancel"))
        await first.sends(f"{path}/save", mine)
        answer = await second.post(f"{path}/save", theirs)
        assert answer.status_code == 409
        assert "trainer" in text_of(answer)
        assert "工行新城支行二楼会议室 → 甲" in text_of(answer)
        assert (await second.post(f"{path}/cancel", off)).status_code == 409
        await second.sends(f"{path}/save", apart)
        await second.sends(f"{path}/save", theirs | {"version": form_of(answer)["version"]})
    async with console.store.reading() as db:
        row = await db.get_one(TrainingRow, trainings.hohhot)
    assert (row.place, row.contact) == ("乙", "0471-1")


async def test_a_copy_every_week_is_published_and_taken_back(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock, Role.TRAINER, HOHHOT)
    async with signed_in(console, trainer) as client:
        assert f"/trainings/new?copy={trainings.hohhot}" in (await client.get("/trainings")).text
        form = form_of(await client.get(f"/trainings/new?copy={trainings.hohhot}"))
        assert (form["day"], form["title"]) == ("2026-12-05", "冬季骑行安全")
        page = await client.post("/trainings/new/preview", form | {"weeks": "3"})
        assert "发布这3场培训" in text_of(page)
        assert "2026-12-19" in text_of(page)
        done = await client.sends("/trainings/new", form_of(page))
        assert "已发布3场培训" in text_of(done)
        async with console.store.reading() as db:
            added = TrainingRow.id > trainings.baotou
            rows = list(await db.scalars(select(TrainingRow).where(added)))
        assert [f"{one.starts_at.astimezone(CHINA):%m-%d %H:%M}" for one in rows] == [
            "12-05 10:00",
            "12-12 10:00",
            "12-19 10:00",
        ]
        assert all(one.deadline == one.starts_at - timedelta(minutes=30) for one in rows)
        assert len({one.code for one in rows} | {one.checkin_code for one in rows}) == 6
        link = re.search(r'href="(/trainings/\d+/undo\?revision=(\d+))"', done.text)
        assert link is not None
        assert "2026" in text_of(await client.get(link[1]))
        path = link[1].partition("?")[0]
        assert "已撤销" in text_of(await client.sends(path, {"revision": link[2]}))
    async with console.store.reading() as db:
        assert list(await db.scalars(select(TrainingRow.id).where(added))) == []
        actions = [
            one.action for one in await audit.of_subject(db, SubjectKind.TRAINING, rows[0].code)
        ]
    assert actions == ["training.undo", "training.add"]


async def test_the_deadline_of_a_copy_goes_with_a_new_day_unless_it_was_changed(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock, Role.TRAINER, HOHHOT)
    async with signed_in(console, trainer) as client:
        form = form_of(await client.get(f"/trainings/new?copy={trainings.hohhot}"))
        later = form | {"day": "2026-12-07", "begins": "15:00", "ends": "16:30"}
        said = text_of(await client.post("/trainings/new/preview", later))
        assert "14:30" in said
        own = later | {"deadline": "2026-12-06T18:00"}
        assert "18:00" in text_of(await client.post("/trainings/new/preview", own))


async def test_what_a_list_would_refuse_is_refused_here_and_the_input_is_kept(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    path = f"/trainings/{trainings.hohhot}"
    async with signed_in(console, trainer) as client:
        form = form_of(await client.get(f"{path}/edit"))
        for change, kept in (
            ({"title": ""}, ""),
            ({"day": "2026-11-01"}, 'value="2026-11-01"'),
            ({"ends": "08:00"}, 'value="08:00"'),
            ({"capacity": "1"}, 'name="capacity" value="1"'),
            ({"capacity": "x"}, 'name="capacity" value="x"'),
            ({"place": ""}, ""),
            ({"lng": "111.7", "lat": "40.8", "datum": ""}, ""),
        ):
            for target in ("preview", "save"):
                answer = await client.post(f"{path}/{target}", form | change)
                assert answer.status_code == 422, (change, text_of(answer))
                assert kept in answer.text
        new = form_of(await client.get("/trainings/new"))
        for target in ("/trainings/new/preview", "/trainings/new"):
            answer = await client.post(target, new | {"contact": "0471-9"})
            assert answer.status_code == 422
            assert "0471-9" in answer.text


async def test_the_list_is_in_pages_by_key(console: Parts, clock: ManualClock) -> None:
    trainer, _ = await setting(console, clock)
    async with console.store.writing() as db:
        for number in range(70):
            starts = clock() + timedelta(days=10 + number // 40)
            await create_training(db, starts, now=clock(), code=f"P{number:02}", title="分页")
    seen: list[str] = []
    async with signed_in(console, trainer) as client:
        path = "/trainings?text=%E5%88%86%E9%A1%B5"
        while path:
            page = await client.get(path)
            seen += re.findall(r"<small>(P\d\d)", page.text)
            found = re.search(r'href="(/trainings\?[^"]*after=[^"]*)"', page.text)
            path = html.unescape(found[1]) if found else ""
    assert seen == [f"P{number:02}" for number in range(70)]


async def test_markup_in_any_field_stays_text(console: Parts, clock: ManualClock) -> None:
    trainer, _ = await setting(console, clock)
    async with console.store.writing() as db:
        some = XSS[:38]
        number = await create_training(
            db,
            clock() + timedelta(days=3),
            now=clock(),
            code="E1",
            title=XSS,
            topic=some,
            about=some,
            contact=some,
            place=some,
            address=some,
        )
    async with signed_in(console, trainer) as client:
        for path in ("", "/edit", "/cancel", "/people", "/attendance", "/screen", "/certificates"):
            page = await client.get(f"/trainings/{number}{path}")
            assert page.status_code == 200
            assert "<script>alert" not in page.text
        assert "<script>alert" not in (await client.get("/trainings")).text


async def test_what_is_not_there_is_404(console: Parts, clock: ManualClock) -> None:
    trainer, trainings = await setting(console, clock)
    async with signed_in(console, trainer) as client:
        for path in ("", "/edit", "/cancel", "/people", "/attendance", "/screen", "/feedback"):
            assert (await client.get(f"/trainings/999{path}")).status_code == 404
        assert (await client.get("/trainings/new?copy=999")).status_code == 404
        version = {"version": "x"}
        answer = await client.post(f"/trainings/{trainings.hohhot}/cancel", version)
        assert answer.status_code == 404
