"""Content in the console: states, previews, changes, conflicts, imports, undo, leagues, lessons."""

import io
import re
import zipfile
from base64 import b64encode

import httpx
import pytest

from bot.console.parts import Parts
from bot.services.content.catalogue import CHINESE, by_code
from bot.services.content.importing.archive import RATIO, unpacked
from bot.services.operators import audit
from bot.services.operators.audit import SubjectKind
from bot.services.operators.roles import Role
from bot.services.spreadsheets.errors import FileRefused
from bot.services.spreadsheets.faults import FileFault
from bot.store.engine import Store
from bot.store.models.content import LessonAnswersRow, LessonProgressRow
from tests.conftest import ManualClock
from tests.support.console import add_operator, console_parts, signed_in, text_of
from tests.support.console_stations import BAOTOU, HOHHOT, XSS
from tests.support.content import article, lesson, photo, put_content
from tests.support.trainings import create_couriers

PARKING = "/content/items/parking"


@pytest.fixture
def console(store: Store, clock: ManualClock) -> Parts:
    """What pages work with, on both databases."""
    return console_parts(store, clock)


def hidden(answer: httpx.Response) -> dict[str, str]:
    """The form of a preview, as a browser would send it."""
    from html import unescape

    form = {}
    for name, value in re.findall(
        r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', answer.text, re.DOTALL
    ):
        form[name] = unescape(value)
    for name, value in re.findall(r'name="(version|data|name)" value="([^"]*)"', answer.text):
        form[name] = unescape(value)
    return form


async def title_of(console: Parts, code: str = "parking") -> str | None:
    async with console.store.reading() as db:
        found = await by_code(db, code, CHINESE, console.clock())
    return None if found is None else found.title


async def test_the_list_tells_what_is_in_force_expired_overdue_and_a_sample(
    console: Parts, clock: ManualClock
) -> None:
    await put_content(
        console.store,
        clock,
        article("fresh", review="2027-01-01"),
        article("old", valid_until="2026-01-01"),
        article("late", review="2026-01-01"),
        article("soon", valid_from="2027-01-01"),
        lesson("gloves", sample=True),
    )
    editor = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:

        async def codes(**query: str) -> list[str]:
            page = await client.get("/content", **query)
            return re.findall(r'<td><a href="/content/items/([\w-]+)"', page.text)

        assert await codes() == ["fresh", "gloves", "late", "old", "soon"]
        assert await codes(state="served") == ["fresh", "gloves", "late"]
        assert await codes(state="expired") == ["old"]
        assert await codes(state="overdue") == ["late"]
        assert await codes(state="planned") == ["soon"]
        assert await codes(state="sample") == ["gloves"]
        assert await codes(kind="lesson") == ["gloves"]
        assert await codes(after="late") == ["old", "soon"]
        said = text_of(await client.get("/content"))
    for word in ("生效中", "已失效", "复核逾期", "未生效", "示例"):
        assert word in said


async def test_a_piece_is_shown_as_page_and_as_each_channel_shows_it(
    console: Parts, clock: ManualClock
) -> None:
    await put_content(console.store, clock, article(), lesson())
    editor = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:
        page = await client.get(PARKING)
        assert "<strong>避风</strong>" in page.text
        assert "&lt;strong&gt;" not in page.text
        assert "【冬天怎么停车】" in text_of(page)
        for channel in ("微信", "Telegram"):
            assert channel in text_of(page)
        assert "Park out of the wind." in page.text
        lessons = text_of(await client.get("/content/items/gloves"))
    assert "第1张" in lessons or "1/3" in lessons or "卡片" in lessons
    assert "脸上发白发硬" in lessons


async def test_a_change_is_previewed_saved_recorded_and_undone(
    console: Parts, clock: ManualClock
) -> None:
    await put_content(console.store, clock, article())
    editor = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:
        preview = await client.post(
            f"{PARKING}/preview", {"title": "停车", "text": "停在**屋里**。"}
        )
        assert preview.status_code == 200
        assert "<strong>屋里</strong>" in preview.text
        assert await title_of(console) == "冬天怎么停车"
        done = text_of(await client.sends(f"{PARKING}/save", hidden(preview)))
        assert "已保存" in done
        assert await title_of(console) == "停车"
        again = await client.get(PARKING)
        revision = re.search(r'name="revision" value="(\d+)"', again.text)
        assert revision is not None
        assert "已撤销" in text_of(await client.sends("/content/undo", {"revision": revision[1]}))
        assert await title_of(console) == "冬天怎么停车"
        twice = await client.post("/content/undo", {"revision": revision[1]})
        assert twice.status_code == 409
    async with console.store.reading() as db:
        entries = await audit.of_subject(db, SubjectKind.CONTENT, "parking")
    assert [one.action for one in entries] == ["content.undo", "content.set"]
    assert entries[1].before["title"] == "冬天怎么停车"
    assert entries[1].after["title"] == "停车"


async def test_a_review_needs_one_press(console: Parts, clock: ManualClock) -> None:
    await put_content(console.store, clock, article(review="2026-01-01"))
    editor = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:
        page = await client.get(PARKING)
        assert "复核逾期" in text_of(page)
        form = {**hidden(page), "review_on": "2027-05-22"}
        done = text_of(await client.sends(f"{PARKING}/save", form))
    assert "复核逾期" not in done


async def test_a_new_piece_gets_a_code_and_from_its_preview_one_goes_on_writing(
    console: Parts, clock: ManualClock
) -> None:
    editor = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:
        assert "可以不填" in text_of(await client.get("/content/add"))
        form = {"kind": "article", "title": "体检", "text": "带身份证。", "source": "工会"}
        preview = await client.post("/content/add/preview", form | {"code": ""})
        assert preview.status_code == 200
        back = await client.post("/content/add/preview", hidden(preview) | {"again": "yes"})
        assert "带身份证。" in back.text
        assert 'action="/content/add/preview"' in back.text
        done = text_of(await client.sends("/content/add/save", hidden(preview)))
    assert "已保存" in done
    assert "种类：文章" in done
    assert "分钟" not in done


async def test_faults_keep_what_was_typed(console: Parts, clock: ManualClock) -> None:
    await put_content(console.store, clock, article())
    editor = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:
        for form in (
            {"text": "第一行\n\n# 标题"},
            {"title": ""},
            {"review_on": "明天"},
            {"text": XSS},
        ):
            answer = await client.post(f"{PARKING}/preview", form)
            assert answer.status_code == 422, form
            saved = await client.post(f"{PARKING}/save", {**form, "version": "0"})
            assert saved.status_code == 422, form
        answer = await client.post(f"{PARKING}/preview", {"text": "第一行\n\n# 标题"})
        assert "第3行" in text_of(answer)
        assert "第一行\n\n# 标题</textarea>" in answer.text
        assert "<script>alert" not in (await client.post(f"{PARKING}/preview", form)).text
        assert (await client.get("/content/items/none")).status_code == 404
    assert await title_of(console) == "冬天怎么停车"


async def test_the_second_of_two_operators_sees_what_the_first_did(
    console: Parts, clock: ManualClock
) -> None:
    await put_content(console.store, clock, article())
    first = await add_operator(console.store, clock)
    other = await add_operator(console.store, clock, name="other")
    async with signed_in(console, first) as one, signed_in(console, other) as two:
        mine = hidden(await one.post(f"{PARKING}/preview", {"title": "第一"}))
        theirs = hidden(await two.post(f"{PARKING}/preview", {"title": "第二"}))
        await one.sends(f"{PARKING}/save", mine)
        late = await two.post(f"{PARKING}/save", theirs)
        assert late.status_code == 409
        assert "administrator" in text_of(late)
        assert "第一" in text_of(late)
        assert await title_of(console) == "第一"
        await two.sends(f"{PARKING}/save", hidden(late))
    assert await title_of(console) == "第二"


async def test_something_new_is_written(console: Parts, clock: ManualClock) -> None:
    editor = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:
        await client.get("/content/add")
        form = {
            "kind": "article",
            "code": "rain",
            "title": "雨天",
            "text": "慢骑。",
            "source": "总工会",
        }
        preview = await client.post("/content/add/preview", form)
        assert preview.status_code == 200, text_of(preview)
        await client.sends("/content/add/save", hidden(preview))
        assert await title_of(console, "rain") == "雨天"
        taken = await client.post("/content/add/preview", {**form, "title": "别的"})
        assert taken.status_code == 422
        assert "rain" in text_of(taken)


async def test_an_editor_of_a_league_changes_what_is_for_that_league(
    console: Parts, clock: ManualClock
) -> None:
    await put_content(console.store, clock, article("all"), article("here", league="呼和浩特市"))
    ours = await add_operator(console.store, clock, Role.EDITOR, [HOHHOT])
    theirs = await add_operator(console.store, clock, Role.EDITOR, [BAOTOU], "baotou")
    reader = await add_operator(console.store, clock, Role.READER)
    async with signed_in(console, ours) as client:
        page = await client.get("/content")
        assert "/content/items/here" in page.text
        assert (await client.get("/content/items/all")).status_code == 200
        change = {"title": "改"}
        assert (await client.post("/content/items/all/preview", change)).status_code == 403
        assert (await client.post("/content/items/here/preview", change)).status_code == 200
        moved = {"league": BAOTOU}
        assert (await client.post("/content/items/here/preview", moved)).status_code == 403
        file = {"file": ("x.md", article("all", tags="x"))}
        assert (await client.post("/content/import", None, file)).status_code == 403
        assert (await client.post("/content/undo", {"revision": "1"})).status_code == 403
    async with signed_in(console, theirs) as client:
        assert "/content/items/here" not in (await client.get("/content")).text
        assert (await client.get("/content/items/here")).status_code == 403
    async with signed_in(console, reader) as client:
        assert (await client.get("/content")).status_code == 403


async def test_a_file_is_checked_written_and_undone(console: Parts, clock: ManualClock) -> None:
    await put_content(console.store, clock, article())
    editor = await add_operator(console.store, clock)
    changed = article("parking").replace("冬天怎么停车".encode(), "雪天停车".encode())
    async with signed_in(console, editor) as client:
        wrong = await client.post("/content/import", None, {"file": ("x.md", b"kind: lesson")})
        assert wrong.status_code == 422
        assert "没有写入" in text_of(wrong)
        preview = await client.post("/content/import", None, {"file": ("停车.md", changed)})
        assert preview.status_code == 200
        assert "雪天停车" in text_of(preview)
        assert await title_of(console) == "冬天怎么停车"
        done = await client.sends("/content/import/apply", hidden(preview))
        assert "已写入1条" in text_of(done)
        assert await title_of(console) == "雪天停车"
        revision = re.search(r'name="revision" value="(\d+)"', done.text)
        assert revision is not None
        await client.sends("/content/undo", {"revision": revision[1]})
        assert await title_of(console) == "冬天怎么停车"
        late = await client.post("/content/import/apply", hidden(preview))
        assert late.status_code == 409
        forged = {**hidden(preview), "data": b64encode(b"nothing").decode()}
        assert (await client.post("/content/import/apply", forged)).status_code == 422


async def test_a_folder_is_imported_as_zip_with_its_pictures(
    console: Parts, clock: ManualClock
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("雨/雨天.md", article("rain", picture="雨.jpg"))
        archive.writestr("雨/雨.jpg", photo())
        archive.writestr("__MACOSX/._x.md", b"x")
    editor = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:
        file = {"file": ("内容.zip", packed.getvalue())}
        preview = await client.post("/content/import", None, file)
        assert preview.status_code == 200, text_of(preview)
        await client.sends("/content/import/apply", hidden(preview))
        page = await client.get("/content/items/rain")
        found = re.search(r'src="(/content/pictures/[0-9a-f]{32}\.jpg)"', page.text)
        assert found is not None
        assert (await client.get(found[1])).headers["content-type"] == "image/jpeg"
        assert (await client.get("/content/pictures/none.jpg")).status_code == 404


def test_an_archive_that_unpacks_to_far_more_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.md", b"0" * 1000 * RATIO)
    with pytest.raises(FileRefused) as refused:
        unpacked("x.zip", packed.getvalue())
    assert refused.value.code is FileFault.OVERPACKED
    with pytest.raises(FileRefused):
        unpacked("x.zip", b"no archive")


async def test_lessons_tell_how_they_are_taken(console: Parts, clock: ManualClock) -> None:
    await put_content(console.store, clock, lesson())
    async with console.store.writing() as db:
        (courier,) = await create_couriers(db, 1, clock())
        db.add(LessonProgressRow(courier_id=courier, lesson="gloves", shown=3, answered=1, missed=1,
                                 started_at=clock(), at=clock(), finished_at=None))  # fmt: skip
        db.add(LessonAnswersRow(lesson="gloves", question=0, answered=4, missed=3))
    editor = await add_operator(console.store, clock)
    async with signed_in(console, editor) as client:
        said = text_of(await client.get("/content/lessons"))
    assert "脸上发白发硬" in said
    assert "4次作答，3次答错" in said
