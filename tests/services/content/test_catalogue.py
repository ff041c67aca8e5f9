"""What is served to whom: by language, league, date, and samples in the demo only."""

from bot.services.content.catalogue import ContentKind, by_code, find
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.content import article, lesson, put_content

ARTICLES = ContentKind.ARTICLE


async def test_content_is_found_by_kind_in_the_operators_order_and_in_the_couriers_language(
    store: Store, clock: ManualClock
) -> None:
    await put_content(
        store,
        clock,
        article("a", order="2"),
        article("b", order="1", tags="加热、 充电"),
        lesson("c"),
    )
    async with store.reading() as db:
        found = await find(db, ARTICLES, "zh_CN", "", clock())
        english = await by_code(db, "a", "en", clock())
        nothing = await by_code(db, "x", "en", clock())
    assert [one.code for one in found] == ["b", "a"]
    assert found[0].title == "冬天怎么停车"
    assert found[0].tags == ("加热", "充电")
    assert english is not None
    assert (english.title, english.text) == ("Parking in winter", "Park out of the wind.")
    assert nothing is None


async def test_content_of_another_league_or_day_and_samples_are_left_out(
    store: Store, clock: ManualClock
) -> None:
    await put_content(
        store,
        clock,
        article("here", league="呼和浩特市"),
        article("old", valid_until="2026-11-22"),
        article("today", valid_from="2026-11-23", valid_until="2026-11-23"),
        article("later", valid_from="2026-11-24"),
        article("sample", sample="是"),
    )

    async def codes(league: str, *, demo: bool = False) -> list[str]:
        async with store.reading() as db:
            found = await find(db, ARTICLES, "zh_CN", league, clock(), demo=demo)
        return [one.code for one in found]

    assert await codes("150100") == ["here", "today"]
    assert await codes("150200") == ["today"]
    assert await codes("") == ["today"]
    assert await codes("", demo=True) == ["sample", "today"]
    clock.forward(days=1)
    assert await codes("") == ["later"]


async def test_content_past_its_review_date_says_so(store: Store, clock: ManualClock) -> None:
    await put_content(store, clock, article("a", review="2026-11-23"))
    async with store.reading() as db:
        fresh = await by_code(db, "a", "zh_CN", clock())
        clock.forward(days=1)
        stale = await by_code(db, "a", "zh_CN", clock())
    assert fresh is not None
    assert stale is not None
    assert (fresh.overdue, stale.overdue) == (False, True)
