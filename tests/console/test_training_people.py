"""Those who registered for a training: masked, by name, ticks, lists, walk-ins, certificates."""

import re
from datetime import timedelta

from sqlalchemy import func, select

from bot.console.parts import Parts
from bot.services.couriers.profiles import Profiles
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Operator, Role
from bot.services.spreadsheets import reader
from bot.services.spreadsheets.writer import xlsx_bytes
from bot.services.trainings import certificates
from bot.services.trainings.attendance import COLUMNS
from bot.services.trainings.certificates import WithdrawnCertificate
from bot.services.trainings.registration_queries import COMMENT, save_comment, save_score
from bot.store.models.administration.operators import AccessLogRow
from bot.store.models.trainings import CertificateRow, RegistrationRow
from tests.conftest import ManualClock
from tests.support.console import KEYS, add_operator, signed_in, text_of
from tests.support.console_trainings import NAMES, PHONES, Trainings, add_trainings
from tests.support.trainings import create_couriers

HOUR = timedelta(hours=1)


async def setting(console: Parts, clock: ManualClock) -> tuple[Operator, Trainings]:
    trainings = await add_trainings(console.store, KEYS, clock)
    return await add_operator(console.store, clock, Role.TRAINER), trainings


async def attended(console: Parts, training: int) -> list[int]:
    """The couriers who came."""
    came = (RegistrationRow.training_id == training) & RegistrationRow.attended_at.is_not(None)
    async with console.store.reading() as db:
        rows = select(RegistrationRow.courier_id).where(came)
        return sorted(await db.scalars(rows))


async def logged(console: Parts, action: str) -> int:
    async with console.store.reading() as db:
        rows = select(func.count()).select_from(AccessLogRow).where(AccessLogRow.action == action)
        return await db.scalar(rows) or 0


async def test_names_are_masked_and_seen_whole_only_where_that_is_logged(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    path = f"/trainings/{trainings.hohhot}"
    async with signed_in(console, trainer) as client:
        masked = await client.get(f"{path}/people")
        in_line = await client.get(f"{path}/people?status=waitlist")
        assert "王*" in masked.text
        assert "0001" in masked.text
        assert "张*" in in_line.text
        assert not any(one in masked.text + in_line.text for one in NAMES + PHONES)
        assert await logged(console, "read") == 0
        named = await client.get(f"{path}/attendance")
        assert [one in named.text for one in NAMES] == [True, True, False]
        assert not any(one in named.text for one in PHONES)
    assert await logged(console, "read") == 2


async def test_ticks_are_saved_from_the_start_on_and_can_be_taken_back(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    path = f"/trainings/{trainings.hohhot}/attendance"
    async with signed_in(console, trainer) as client:
        numbers = re.findall(r'name="came" value="(\d+)"', (await client.get(path)).text)
        early = await client.post(path, {"came": numbers})
        assert early.status_code == 422
    clock.now += timedelta(days=5) + HOUR
    async with signed_in(console, trainer) as client:
        done = await client.sends(path, {"came": numbers})
        assert "勾选2人" in text_of(done)
        assert await attended(console, trainings.hohhot) == trainings.couriers[:2]
        again = await client.sends(path, {"was": numbers, "came": numbers[1:]})
        assert "取消1人" in text_of(again)
    assert await attended(console, trainings.hohhot) == trainings.couriers[1:2]
    async with console.store.reading() as db:
        newest, *_ = await audit.of_subject(db, SubjectKind.TRAINING, "T1")
    assert newest.after == {"marked": 0, "unmarked": 1}


async def test_who_checked_in_themselves_is_not_unticked(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    path = f"/trainings/{trainings.hohhot}"
    clock.now += timedelta(days=5) + HOUR / 4
    async with signed_in(console, trainer) as client:
        await client.sends(f"{path}/walk-in", {"phone": PHONES[0]})
        page = await client.get(f"{path}/attendance")
        assert "10:15 已签到" in text_of(page)
        number = re.findall(r'name="came" value="(\d+)"', page.text)[0]
        await client.sends(f"{path}/attendance", {"was": number})
    assert await attended(console, trainings.hohhot) == trainings.couriers[:1]


async def test_a_downloaded_list_comes_back_filled_in(console: Parts, clock: ManualClock) -> None:
    trainer, trainings = await setting(console, clock)
    path = f"/trainings/{trainings.hohhot}"
    clock.now += timedelta(days=5) + HOUR
    async with signed_in(console, trainer) as client:
        sheet = await client.get(f"{path}/sheet.xlsx")
        table = reader.read(sheet.content, COLUMNS, csv_name="list.xlsx")
        fields, rows = table.sheets[0].fields, [cells for _, cells in table.sheets[0].rows]
        assert [row[fields.index("name")] for row in rows] == list(NAMES)
        ticks = ("", "√", "√")
        heading = [COLUMNS[name][0] for name in fields]
        signed = fields.index("signed")
        ticked = [
            [*row[:signed], tick, *row[signed + 1 :]] for row, tick in zip(rows, ticks, strict=True)
        ]
        filled = xlsx_bytes("签到表", [heading, *ticked])
        files = {"list": ("list.xlsx", filled)}
        answer = await client.post(f"{path}/signed", files=files)
        assert answer.status_code == 422
        assert "勾选1人，0人之前已勾选，1人没找到" in text_of(answer)
        assert "第4行" in text_of(answer)
        bad = await client.post(f"{path}/signed", files={"list": ("list.xlsx", b"no workbook")})
        assert bad.status_code == 422
        assert (await client.post(f"{path}/signed")).status_code == 422
    assert await attended(console, trainings.hohhot) == trainings.couriers[1:2]
    assert await logged(console, "export") == 3


async def test_somebody_without_a_seat_gets_a_free_one_at_the_door(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    async with console.store.writing() as db:
        (late,) = await create_couriers(db, 1, clock())
        phone = "13900000009"
        await Profiles(KEYS).remember(db, late, "赵四", phone, clock(), "telegram")
    full, free = f"/trainings/{trainings.hohhot}", f"/trainings/{trainings.baotou}"
    async with signed_in(console, trainer) as client:
        assert (await client.post(f"{free}/walk-in", {"phone": phone})).status_code == 422
    clock.now += timedelta(days=5) + HOUR
    async with signed_in(console, trainer) as client:
        assert (await client.post(f"{full}/walk-in", {"phone": phone})).status_code == 422
        unknown = await client.post(f"{free}/walk-in", {"phone": "13911111111"})
        assert unknown.status_code == 422
        assert "13911111111" in unknown.text
        assert (await client.post(f"{free}/walk-in", {"phone": "x"})).status_code == 422
        done = await client.sends(f"{free}/walk-in", {"phone": phone})
        assert "已加入并签到" in text_of(done)
    assert await attended(console, trainings.baotou) == [late]
    async with console.store.reading() as db:
        newest, *_ = await audit.of_subject(db, SubjectKind.TRAINING, "T2")
    assert newest.action == "training.walk_in"
    assert phone not in str(newest)


async def test_a_withdrawn_certificate_is_void_and_the_courier_did_not_come(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    path, courier = f"/trainings/{trainings.hohhot}", trainings.couriers[0]
    clock.now += timedelta(days=5)
    async with signed_in(console, trainer) as client:
        await client.sends(f"{path}/walk-in", {"phone": PHONES[0]})
        async with console.store.writing() as db:
            issued = await certificates.issue(
                db, KEYS, courier, trainings.hohhot, NAMES[0], clock()
            )
        page = await client.get(f"{path}/certificates")
        assert issued.number in page.text
        assert "王*" in page.text
        assert NAMES[0] not in page.text
        other = f"/trainings/{trainings.baotou}/certificates/{issued.id}/withdraw"
        assert (await client.post(other)).status_code == 404
        done = await client.sends(f"{path}/certificates/{issued.id}/withdraw")
        assert issued.number not in done.text
    assert await attended(console, trainings.hohhot) == []
    async with console.store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(CertificateRow)) == 0
        void = await certificates.verify(db, KEYS, issued.number.lower(), (), clock())
        assert void == WithdrawnCertificate(issued.number, clock())
        newest, *_ = await audit.of_subject(db, SubjectKind.TRAINING, "T1")
    assert (newest.action, newest.before) == ("certificate.withdraw", {"certificate": issued.id})


async def test_feedback_is_shown_without_names(console: Parts, clock: ManualClock) -> None:
    trainer, trainings = await setting(console, clock)
    path, courier = f"/trainings/{trainings.hohhot}", trainings.couriers[0]
    clock.now += timedelta(days=5)
    async with signed_in(console, trainer) as client:
        await client.sends(f"{path}/walk-in", {"phone": PHONES[0]})
        async with console.store.writing() as db:
            await save_score(db, trainings.hohhot, courier, 4, clock())
            sealed = KEYS.seal("讲得<b>好</b>", COMMENT)
            await save_comment(db, trainings.hohhot, courier, sealed, clock())
        page = await client.get(f"{path}/feedback")
        assert "4.0" in page.text
        assert "讲得&lt;b&gt;好" in page.text
        assert NAMES[0] not in page.text


async def test_the_screen_shows_the_code_and_how_many_came(
    console: Parts, clock: ManualClock
) -> None:
    trainer, trainings = await setting(console, clock)
    async with signed_in(console, trainer) as client:
        page = await client.get(f"/trainings/{trainings.hohhot}/screen")
        assert "482 913" in page.text
        assert "<svg" not in page.text
        assert (await client.get(f"/trainings/{trainings.hohhot}/poster.pdf")).content[
            :4
        ] == b"%PDF"
