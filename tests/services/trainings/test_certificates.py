"""Certificates: issued after attendance only, verified by anybody, printed without a single □."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update

from bot.common.clock import CHINA
from bot.documents.certificate import certificate_pdf
from bot.documents.errors import Unprintable
from bot.documents.pdf import Fonts, fonts_with
from bot.services.trainings.certificate_numbers import ALPHABET
from bot.services.trainings.certificates import (
    CHAT_LIMIT,
    HOUR,
    NETWORK_LIMIT,
    Certificate,
    VerifiedCertificate,
    issue,
    lookup_counters,
    verify,
)
from bot.services.trainings.errors import LookupsUsedUp, TrainingRefused
from bot.services.trainings.statuses import RegistrationStatus, TrainingRefusal
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from bot.store.models.conversation import ChatRow
from bot.store.models.couriers import CourierRow
from bot.store.models.trainings import CertificateRow, RegistrationRow
from tests.conftest import ManualClock
from tests.support.pdf import picture_of, text_of
from tests.support.trainings import create_couriers, create_training

KEYS = parse_keys("1:" + "A" * 43 + "=")
FULL = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
PLAIN = Certificate(
    7,
    "DJT-2026-7K3M9P-Q4RS3K",
    "王建国",
    "冬季骑行安全与防寒",
    datetime(2026, 11, 28, 9, tzinfo=CHINA),
    datetime(2026, 11, 28, 11, 30, tzinfo=CHINA),
    datetime(2026, 11, 29, 9, tzinfo=CHINA),
    1,
)


async def attend(store: Store, now: datetime, *, came: bool = True) -> tuple[int, int]:
    """A courier with a seat in a training; both ids."""
    async with store.writing() as db:
        training = await create_training(db, now + timedelta(days=1), now=now)
        (courier,) = await create_couriers(db, 1, now)
        await db.execute(
            insert(RegistrationRow).values(
                training_id=training,
                courier_id=courier,
                status=RegistrationStatus.SEAT,
                attended_at=now if came else None,
                created_at=now,
                updated_at=now,
            )
        )
    return training, courier


async def test_only_those_who_attended_get_one(store: Store, clock: ManualClock) -> None:
    training, courier = await attend(store, clock(), came=False)
    async with store.writing() as db:
        with pytest.raises(TrainingRefused) as refused:
            await issue(db, KEYS, courier, training, "王建国", clock())
    assert refused.value.reason is TrainingRefusal.NOT_ATTENDED


async def test_it_is_issued_once_sealed_and_found_by_its_number(
    store: Store, clock: ManualClock
) -> None:
    training, courier = await attend(store, clock())
    async with store.writing() as db:
        first = await issue(db, KEYS, courier, training, "王建国", clock())
        again = await issue(db, KEYS, courier, training, "李四", clock())
    assert again == first
    assert first.name == "王建国"
    assert re.fullmatch(rf"DJT-2026-[{ALPHABET}]{{6}}-[{ALPHABET}]{{6}}", first.number)
    async with store.writing() as db:
        sealed = await db.scalar(select(CertificateRow.name))
        typed = f" 证书编号：{first.number.lower().replace('-', ' ')}。"
        found = await verify(db, KEYS, typed, (), clock())
        assert await verify(db, KEYS, "DJT-2026-000000", (), clock()) is None
        assert await verify(db, KEYS, "有证吗", (), clock()) is None
    assert sealed is not None
    assert "王建国".encode() not in sealed
    assert isinstance(found, VerifiedCertificate)
    assert (found.number, found.masked_name, found.title) == (first.number, "王*", "冬季骑行安全")


async def test_it_goes_with_its_owner(store: Store, clock: ManualClock) -> None:
    training, courier = await attend(store, clock())
    async with store.writing() as db:
        issued = await issue(db, KEYS, courier, training, "王建国", clock())
        await db.execute(delete(ChatRow).where(ChatRow.courier_id == courier))
        await db.execute(delete(CourierRow).where(CourierRow.id == courier))
    async with store.writing() as db:
        assert (
            await verify(db, KEYS, issued.number, (), clock()) is None
        )  # a sealed name is personal data


async def test_a_number_that_is_taken_is_drawn_again(
    store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    training, courier = await attend(store, clock())
    async with store.writing() as db:
        first = await issue(db, KEYS, courier, training, "王建国", clock())
        (other,) = await create_couriers(db, 1, clock())
        await db.execute(update(RegistrationRow).values(courier_id=other))
    drawn = iter([first.number, first.number, "DJT-2026-ZZZZZZ"])
    monkeypatch.setattr("bot.services.trainings.certificates.new_number", lambda _year: next(drawn))
    async with store.writing() as db:
        second = await issue(db, KEYS, other, training, "李四", clock())
        assert await db.scalar(select(func.count()).select_from(CertificateRow)) == 2
    assert second.number == "DJT-2026-ZZZZZZ"


async def ask(store: Store, number: str, now: datetime, **asker: str) -> str:
    """`genuine`, `unknown` or `later`."""
    async with store.writing() as db:
        try:
            found = await verify(db, KEYS, number, lookup_counters(KEYS, **asker), now)
        except LookupsUsedUp:
            return "later"
    return "genuine" if found else "unknown"


async def test_a_chat_that_guesses_numbers_is_refused_for_an_hour(
    store: Store, clock: ManualClock
) -> None:
    """For genuine numbers too, or it would learn which they are; other chats are answered."""
    training, courier = await attend(store, clock())
    async with store.writing() as db:
        issued = await issue(db, KEYS, courier, training, "王建国", clock())
    most = CHAT_LIMIT.most
    came = [await ask(store, f"DJT-2026-{at:06}", clock(), chat="wechat|a") for at in range(36)]
    assert came == ["unknown"] * most + ["later"] * (36 - most)
    assert await ask(store, issued.number, clock(), chat="wechat|a") == "later"
    assert await ask(store, issued.number, clock(), chat="wechat|b") == "genuine"
    clock.set(clock() + HOUR)
    assert await ask(store, issued.number, clock(), chat="wechat|a") == "genuine"


async def test_a_network_that_guesses_by_ever_new_chats_is_refused_on_the_page_too(
    store: Store, clock: ManualClock
) -> None:
    most = NETWORK_LIMIT.most
    came = [
        await ask(store, f"DJT-2026-{at:06}", clock(), network="192.0.2.1", chat=f"web|{at}")
        for at in range(most + 5)
    ]
    assert came == ["unknown"] * most + ["later"] * 5
    assert await ask(store, "DJT-2026-000000", clock(), network="192.0.2.1") == "later"
    assert await ask(store, "DJT-2026-000000", clock(), network="192.0.2.2") == "unknown"


async def test_genuine_and_mistyped_numbers_are_no_guesses(
    store: Store, clock: ManualClock
) -> None:
    training, courier = await attend(store, clock())
    async with store.writing() as db:
        issued = await issue(db, KEYS, courier, training, "王建国", clock())
    last = "0" if issued.number[-1] != "0" else "1"
    for _ in range(CHAT_LIMIT.most + 1):
        assert await ask(store, issued.number[:-1] + last, clock(), chat="a") == "unknown"
        assert await ask(store, issued.number, clock(), chat="a") == "genuine"


async def test_a_number_of_the_older_form_stays_valid(store: Store, clock: ManualClock) -> None:
    training, courier = await attend(store, clock())
    async with store.writing() as db:
        await issue(db, KEYS, courier, training, "王建国", clock())
        await db.execute(update(CertificateRow).values(number="DJT-2026-7K3M9P"))
        found = await verify(db, KEYS, "djt 2026 7k3m9p", (), clock())
    assert found is not None
    assert found.number == "DJT-2026-7K3M9P"


def test_the_page_names_person_training_number_and_date(tmp_path: Path) -> None:
    pdf = certificate_pdf(
        PLAIN, Fonts(), issuer="呼和浩特市总工会", verify_url="https://b.example/verify/x"
    )
    said = text_of(pdf, tmp_path)
    for words in ("王建国", "《冬季骑行安全与防寒》", PLAIN.number, "2026年11月28日"):
        assert words in said
    for words in ("2.5 小时", "呼和浩特市总工会", "2026年11月29日", "扫码验真"):
        assert words in said
    assert "发送编号" in text_of(certificate_pdf(PLAIN, Fonts()), tmp_path)


def test_a_long_name_and_title_stay_on_the_page(tmp_path: Path) -> None:
    long = replace(PLAIN, name="Батбаярын Энхтуяа Цэцэгмаа", title="冬季骑行安全" * 8)
    said = text_of(certificate_pdf(long, Fonts()), tmp_path).replace("\n", "")
    assert "Батбаярын Энхтуяа Цэцэгмаа" in said
    whole = re.sub(r"\s", "", said)
    assert "冬季骑行安全" * 2 in whole
    assert "…" not in whole


@pytest.mark.parametrize("name", ["王𬭸", "Өлзий", "ᠪᠠᠭᠠᠲᠤᠷ"])
def test_a_character_without_a_glyph_is_named_and_never_a_box(name: str) -> None:
    with pytest.raises(Unprintable) as lacking:
        certificate_pdf(replace(PLAIN, name=name), Fonts())
    assert set(lacking.value.characters) <= set(name)
    assert not set(lacking.value.characters) & set("王лзий")


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="no larger font on this machine")
def test_a_larger_font_prints_what_the_small_one_lacks(tmp_path: Path) -> None:
    rare = replace(PLAIN, name="王\U0002cb38")  # 𬬸, given names have it
    fonts = fonts_with(str(FULL))
    pdf = certificate_pdf(rare, fonts)
    assert rare.name in text_of(pdf, tmp_path)
    assert picture_of(pdf, tmp_path) != picture_of(certificate_pdf(PLAIN, fonts), tmp_path)


def test_a_font_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "font.ttf"
    path.write_text("no font")
    for name in (path, tmp_path / "absent.otf"):
        with pytest.raises(ValueError, match="not a font"):
            fonts_with(str(name))
