"""最美快递员 in the console: nominations by league, decisions, held votes, the result."""

import html
import json
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from bot.console import background
from bot.console.parts import Parts
from bot.services import bounded
from bot.services.honours import administration
from bot.services.honours.statuses import HoldReason, NominationStatus
from bot.services.operators.roles import Role
from bot.store.engine import Store
from bot.store.models.administration.accounts import AuditRow
from bot.store.models.administration.operators import AccessLogRow
from bot.store.models.honours import CampaignRow, HonourVoteRow
from tests.conftest import ManualClock
from tests.support.console import add_operator, console_parts, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT
from tests.support.honours import STORY, nominate, nominations, open_campaign
from tests.support.trainings import create_couriers

PAGE = "/honours/2026-winter"


@pytest.fixture
def console(store: Store, clock: ManualClock) -> Parts:
    """What pages work with, on both databases."""
    return console_parts(store, clock)


async def held_votes(console: Parts, campaign: int, nomination: int, count: int) -> None:
    """Votes of linked couriers that wait for a review."""
    now = console.clock()
    async with console.store.writing() as db:
        for courier in await create_couriers(db, count, now):
            vote = {"campaign_id": campaign, "courier_id": courier, "nomination_id": nomination,
                    "hold": HoldReason.NETWORK, "at": now}  # fmt: skip
            await db.execute(insert(HonourVoteRow).values(vote))


async def statuses(console: Parts) -> list[str]:
    return [str(one.status) for one in await nominations(console.store)]


async def test_nominations_are_decided_on_and_decided_anew(
    console: Parts, clock: ManualClock
) -> None:
    campaign = await open_campaign(console.store, clock())
    one = await nominate(console.store, clock(), campaign, "王小强", NominationStatus.NEW)
    await nominate(console.store, clock(), campaign, "没答应", NominationStatus.ASKED)
    editor = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:
        assert "2026年最美快递员" in text_of(await client.get("/honours"))
        page = await client.get(PAGE)
        assert "王小强" in page.text
        assert "没答应" not in page.text
        assert STORY not in page.text
        assert STORY in (await client.post(f"{PAGE}/{one}/story")).text
        for does in ("approve", "shortlist", "decline", "approve"):
            await client.sends(f"{PAGE}/{one}/decide", {"does": does})
        late = await client.post(f"{PAGE}/{one}/decide", {"does": "approve"})
        assert late.status_code == 409
        assert (await client.post(f"{PAGE}/{one}/decide", {"does": "eat"})).status_code == 404
        assert (await client.post(f"{PAGE}/999/story")).status_code == 404
        assert (await client.get("/honours/none")).status_code == 404
        assert (await client.get(f"{PAGE}/{one}/photo")).status_code == 404
    assert sorted(await statuses(console)) == ["approved", "asked"]
    async with console.store.reading() as db:
        rows = list(await db.scalars(select(AuditRow).order_by(AuditRow.id)))
        seen = set(await db.scalars(select(AccessLogRow.field)))
    recorded = [row for row in rows if row.action.startswith("honour.")]
    assert [row.action for row in recorded] == [
        "honour.approve", "honour.shortlist", "honour.decline", "honour.approve",
    ]  # fmt: skip
    written = json.dumps([[row.subject, row.before, row.after] for row in recorded])
    assert "王小强" not in written
    assert {"nomination.name", "nomination.story"} <= seen


async def test_an_editor_of_a_league_decides_on_its_nominations_only(
    console: Parts, clock: ManualClock
) -> None:
    campaign = await open_campaign(console.store, clock())
    ours = await nominate(console.store, clock(), campaign, "本地人", NominationStatus.NEW)
    theirs = await nominate(
        console.store, clock(), campaign, "包头人", NominationStatus.NEW, league=BAOTOU
    )
    editor = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    staff = await add_operator(console.store, clock, Role.CARDS)
    async with signed_in(console, editor) as client:
        page = text_of(await client.get(PAGE))
        assert "本地人" in page
        assert "包头人" not in page
        await client.sends(f"{PAGE}/{ours}/decide", {"does": "approve"})
        for path, form in (
            ("decide", {"does": "approve"}),
            ("story", {}),
            ("votes", {"does": "count"}),
        ):
            assert (await client.post(f"{PAGE}/{theirs}/{path}", form)).status_code == 403
        assert (await client.post(f"{PAGE}/{ours}/votes", {"does": "count"})).status_code == 403
        assert (await client.get(f"{PAGE}/result")).status_code == 403
        assert (await client.post(f"{PAGE}/publish")).status_code == 403
    async with signed_in(console, staff) as client:
        assert (await client.get("/honours")).status_code == 403


async def test_the_result_waits_for_the_last_day_and_for_held_votes_and_is_as_shown(
    console: Parts, clock: ManualClock
) -> None:
    now = clock()
    campaign = await open_campaign(console.store, now, vote_until=now.date() + timedelta(days=1))
    first = await nominate(console.store, now, campaign, "张三")
    second = await nominate(console.store, now, campaign, "李四")
    await held_votes(console, campaign, second, 3)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        early = await client.get(f"{PAGE}/result")
        assert early.status_code == 409
        assert "投票还没结束" in text_of(early)
        async with console.store.writing() as db:
            row = (await db.scalars(select(CampaignRow))).one()
            row.vote_until = date(2026, 11, 20)
        waiting = await client.get(f"{PAGE}/result")
        assert waiting.status_code == 409
        assert "待审选票" in text_of(waiting)
        done = await client.sends(f"{PAGE}/{second}/votes", {"does": "drop"})
        assert "已处理3张" in text_of(done)
        shown = await client.get(f"{PAGE}/result")
        winners = re.findall(r'name="winner" value="(\d+)"', shown.text)
        assert winners == [str(first), str(second)]
        other = await client.post(f"{PAGE}/publish", {"winner": winners[::-1]})
        assert other.status_code == 409
        published = await client.sends(f"{PAGE}/publish", {"winner": winners})
        assert "结果已公布" in text_of(published)
        again = await client.post(f"{PAGE}/publish", {"winner": winners})
        assert again.status_code == 409
    assert set(await statuses(console)) == {"winner"}


async def test_many_nominations_come_in_pages(
    console: Parts, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(administration, "PAGE", 1)
    campaign = await open_campaign(console.store, clock())
    for name in ("王小强", "李大山"):
        await nominate(console.store, clock(), campaign, name, NominationStatus.NEW)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        first = await client.get(PAGE)
        assert ("王小强" in first.text, "李大山" in first.text) == (True, False)
        following = re.findall(r'href="(/honours/[^"]+after=\d+)"', first.text)
        assert len(following) == 1
        rest = await client.get(html.unescape(following[0]))
        assert ("王小强" in rest.text, "李大山" in rest.text) == (False, True)


async def test_many_votes_are_counted_beside_the_requests(
    console: Parts, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "COUNTED", 1)
    campaign = await open_campaign(console.store, clock())
    one = await nominate(console.store, clock(), campaign, "张三")
    await held_votes(console, campaign, one, 3)
    admin = await add_operator(console.store, clock)
    async with signed_in(console, admin) as client:
        assert "正在统计票数" in text_of(await client.get(PAGE))
        await background.finished()
        clock.forward(minutes=1)
        page = text_of(await client.get(PAGE))
        await background.finished()
    assert "截至 10:00" in page
    assert "3票待审" in page
