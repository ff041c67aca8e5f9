"""The ten sample lessons that ship with the package."""

from datetime import UTC, datetime

import pytest

from bot.data import DATA
from bot.services.content import markdown
from bot.services.content.catalogue import ContentKind, by_code, find
from bot.services.content.importing import sources
from bot.services.content.lessons import lesson_of
from bot.services.demo import week_reviews
from bot.services.demo.content import remove_demo_content, seed_demo_content
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.cards import KEYS

MOST = 120  # Chinese characters of a card


async def test_the_demo_serves_ten_sample_lessons_in_both_languages_with_short_cards(
    store: Store, clock: ManualClock
) -> None:
    async with store.writing() as db:
        assert await seed_demo_content(db, clock()) == 17  # six topics and a warning besides
        assert await seed_demo_content(db, clock()) == 0
    for language in ("zh_CN", "en"):
        async with store.reading() as db:
            found = await find(db, ContentKind.LESSON, language, "", clock(), demo=True)
            assert await find(db, ContentKind.LESSON, language, "", clock()) == []
        assert len(found) == 10
        for item in found:
            assert item.is_sample
            assert item.locale == language
            assert item.source
            assert 5 <= item.minutes <= 15
            cards = [markdown.plain(card) for card in lesson_of(item.text).cards]
            assert language != "zh_CN" or all(len(card) <= MOST for card in cards)
    async with store.writing() as db:
        await remove_demo_content(db)
        assert await by_code(db, "fraud", "zh_CN", clock(), demo=True) is None


async def test_samples_that_are_current_are_not_read_again_beside_a_sample_of_another_kind(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = datetime(2100, 1, 1, tzinfo=UTC)  # after the shipped files
    async with store.writing() as db:
        assert await seed_demo_content(db, written) == 17
    await week_reviews.tell(store, KEYS, written)

    def read_sources(_files: object) -> None:
        raise AssertionError("the files were read")

    monkeypatch.setattr(sources, "read_sources", read_sources)
    async with store.writing() as db:
        assert await seed_demo_content(db, written) == 0


def test_shipped_lessons_name_no_amount_and_no_rate_of_the_bank() -> None:
    for path in (DATA / "lessons").glob("*.md"):
        text = path.read_text()
        assert "利率" not in text
        assert "额度为" not in text
