"""What only WeChat has: follow, menu, taps, pairs, and what its pushes look like on the wire."""

import asyncio
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from bot.channels.wechat import webhook
from bot.commands.running.wechat import bottom_menu
from bot.store.engine import open_store
from bot.store.models.conversation import ChatRow, InboxRow
from bot.store.models.stations import DemandRow
from tests.conftest import ManualClock
from tests.support.courier import Deployment
from tests.support.fakes.wechat import AES_KEY, FakeWeChat, Mode, Pushed
from tests.support.fakes.wechat_messages import Params, xml
from tests.support.stations import HERE, create_stations

WHO = "oFollower-_0001"
OTHER_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
NEAREST = "1. 新城支行驿站（最近）"


def words(pushed: Pushed) -> str:
    assert pushed.shown is not None
    return pushed.shown.words


async def count(deployment: Deployment, table: type[InboxRow] | type[DemandRow]) -> int:
    async with deployment.replicas[0].store.reading() as db:
        return await db.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_each_mode_of_the_console(sqlite_url: str, clock: ManualClock, mode: Mode) -> None:
    store = await open_store(sqlite_url)
    await create_stations(store, clock)
    await store.close()
    key = {"YIZHAN_WECHAT_AES_KEY": ""} if mode == "plain" else {}
    async with Deployment({"YIZHAN_DATABASE_URL": sqlite_url, **key}, clock) as deployment:
        deployment.wechat.mode = mode
        assert NEAREST in words(await deployment.wechat.location(WHO, *HERE))
        assert "新城支行驿站】放心进" in words(await deployment.wechat.tap(WHO, "第1家怎么进"))


async def test_the_address_is_proved_by_its_echo(deployment: Deployment) -> None:
    query, _ = deployment.wechat.signed({}, "plain")
    assert await deployment.wechat.get({**query, "echostr": "4375120948"}) == (200, b"4375120948")
    assert (await deployment.wechat.get({**query, "nonce": "x", "echostr": "1"}))[0] == 403
    assert (await deployment.wechat.get({"echostr": "1"}))[0] == 403


async def test_a_key_is_changed_while_pushes_come_in(sqlite_url: str, clock: ManualClock) -> None:
    keys = {"YIZHAN_WECHAT_AES_KEY": OTHER_KEY, "YIZHAN_WECHAT_AES_KEY_PREVIOUS": AES_KEY}
    async with Deployment({"YIZHAN_DATABASE_URL": sqlite_url, **keys}, clock) as deployment:
        assert "我是驿站小助手" in words(await deployment.wechat.follow(WHO))
        deployment.wechat.aes_key = OTHER_KEY
        assert "你可以" in words(await deployment.wechat.text(WHO, "帮助"))


async def test_following_by_a_poster_scanning_it_again_and_leaving(deployment: Deployment) -> None:
    assert "我是驿站小助手" in words(await deployment.wechat.follow(WHO, "poster-7"))
    assert "我是驿站小助手" in words(await deployment.wechat.scan(WHO, "poster-7"))
    gone = await deployment.wechat.unfollow(WHO)
    assert gone.shown is None
    assert gone.bodies == [b"success"]


async def test_the_menu_speaks_actions_and_words(deployment: Deployment) -> None:
    assert "还没收藏" in words(await deployment.wechat.click(WHO, "favourites"))
    assert "把位置发给我" in words(await deployment.wechat.click(WHO, "附近驿站"))
    assert "这个按钮已经失效" in words(await deployment.wechat.click(WHO, "of_an_older_menu:7"))


async def test_the_account_and_what_is_kept_are_two_taps_from_the_menu(
    deployment: Deployment,
) -> None:
    menu = bottom_menu(deployment.replicas[0].languages.of(None, None))
    mine = menu["button"][2]["sub_button"]  # type: ignore[index, call-overload]
    (key,) = [one["key"] for one in mine if one["name"] == "我的账号"]  # type: ignore[index, call-overload, union-attr]
    assert "目前只在这儿用" in words(await deployment.wechat.click(WHO, str(key)))
    assert "我存了" in words(await deployment.wechat.tap(WHO, "我的数据"))


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("voice", {"MediaId": "m", "Format": "amr", "MediaId16K": "n"}, "转文字"),
        ("image", {"PicUrl": "http://x", "MediaId": "m"}, "只看得懂文字和位置"),
        ("text", {"Content": "【收到不支持的消息类型，暂无法显示】"}, "只看得懂文字和位置"),
        ("location", {"Location_X": "999", "Location_Y": "x"}, "再发一次"),
        ("hologram", {"Depth": "3"}, "只看得懂文字和位置"),
    ],
)
async def test_what_is_no_text_is_met_kindly(
    deployment: Deployment, kind: str, fields: Params, expected: str
) -> None:
    assert expected in words(
        await deployment.wechat.push(deployment.wechat.message(WHO, kind, fields))
    )


@pytest.mark.parametrize(
    ("name", "key", "fields"),
    [
        ("LOCATION", "", {"Latitude": "40.8", "Longitude": "111.7", "Precision": "65"}),
        ("VIEW", "https://example.org/", {}),
        ("TEMPLATESENDJOBFINISH", "", {"MsgID": "1", "Status": "success"}),
        ("something_new", "k", {}),
    ],
)
async def test_what_must_not_be_answered(
    deployment: Deployment, name: str, key: str, fields: Params
) -> None:
    pushed = await deployment.wechat.push(deployment.wechat.event(WHO, name, key, fields))
    assert (pushed.tries, pushed.bodies) == (1, [b"success"])
    assert await count(deployment, InboxRow) == 0


@pytest.mark.parametrize("first", ["location_select", "location"])
async def test_a_place_picked_in_the_menu_is_answered_once(
    deployment: Deployment, first: str
) -> None:
    """It comes twice, in an order that nobody has written down, and each may be repeated."""
    await deployment.wechat.follow(WHO)
    place = deployment.wechat.place(*HERE)
    shared = deployment.wechat.message(WHO, "location", place)
    picked = deployment.wechat.event(WHO, "location_select", "place", {"SendLocationInfo": place})
    pair = [picked, shared] if first == "location_select" else [shared, picked]
    answers = [await deployment.wechat.push(fields) for fields in (*pair, *pair)]
    assert [one.shown is not None for one in answers] == [True, False, True, False]
    assert NEAREST in words(answers[0])
    assert answers[2].shown == answers[0].shown
    assert await count(deployment, DemandRow) == 1


@pytest.mark.parametrize("first", ["location_select", "location"])
async def test_an_unreadable_half_leaves_the_place_to_the_other_half(
    deployment: Deployment, first: str
) -> None:
    await deployment.wechat.follow(WHO)
    place = deployment.wechat.place(*HERE)
    broken = {**place, "Location_X": ""}
    is_picked_broken = first == "location_select"
    picked = deployment.wechat.event(
        WHO, "location_select", "place", {"SendLocationInfo": broken if is_picked_broken else place}
    )
    shared = deployment.wechat.message(WHO, "location", place if is_picked_broken else broken)
    pair = [picked, shared] if is_picked_broken else [shared, picked]
    answers = [words(await deployment.wechat.push(fields)) for fields in pair]
    assert "再发一次" in answers[0]
    assert NEAREST in answers[1]


@pytest.mark.parametrize("character", ["\x08", "\x1d", "\ufffe"])
async def test_a_control_character_in_a_text_or_label_is_answered_as_if_it_were_not_there(
    deployment: Deployment, character: str
) -> None:
    assert "你可以" in words(await deployment.wechat.text(WHO, f"帮{character}助"))
    place = {**deployment.wechat.place(*HERE), "Label": f"呼和{character}浩特"}
    shared = deployment.wechat.message(WHO, "location", place)
    assert NEAREST in words(await deployment.wechat.push(shared))


async def test_two_couriers_with_one_msgid_each_get_their_own_answer(
    deployment: Deployment,
) -> None:
    """WeChat was seen to give one MsgId to messages of two couriers who wrote at once."""
    shared = deployment.wechat.message(WHO, "location", deployment.wechat.place(*HERE))
    text = deployment.wechat.message("oFollower-_0002", "text", {"Content": "帮助"})
    text["MsgId"] = shared["MsgId"]
    for _ in range(2):  # and again, as the platform repeats them
        assert NEAREST in words(await deployment.wechat.push(shared))
        assert "你可以" in words(await deployment.wechat.push(text))
    assert await count(deployment, DemandRow) == 1
    assert await count(deployment, InboxRow) == 2


async def test_another_place_a_minute_later_is_answered(
    deployment: Deployment, clock: ManualClock
) -> None:
    await deployment.wechat.follow(WHO)
    for _ in range(2):
        place = deployment.wechat.place(*HERE)
        picked = deployment.wechat.event(
            WHO, "location_select", "place", {"SendLocationInfo": place}
        )
        assert NEAREST in words(await deployment.wechat.push(picked))
        assert (await deployment.wechat.location(WHO, *HERE)).shown is None
        clock.forward(minutes=1)


async def test_a_line_from_yesterday_still_means_what_it_says(
    deployment: Deployment, clock: ManualClock
) -> None:
    await deployment.wechat.location(WHO, *HERE)
    await deployment.wechat.text(WHO, "帮助")
    clock.forward(days=1, hours=1)
    assert "新城支行驿站】放心进" in words(await deployment.wechat.tap(WHO, "第1家怎么进"))


async def test_an_account_without_ids_is_served_by_words_and_numbers(
    deployment: Deployment,
) -> None:
    deployment.wechat.has_ids = False
    await deployment.wechat.location(WHO, *HERE)
    assert "中山路驿站（最近）" in words(await deployment.wechat.tap(WHO, "热饭"))
    assert "✓热饭" in words(await deployment.wechat.tap(WHO, "取暖"))
    assert "新城支行驿站（最近）" not in words(await deployment.wechat.tap(WHO, "✓取暖"))
    assert "【" in words(await deployment.wechat.text(WHO, "1"))


async def test_a_place_goes_in_and_out_as_the_map_has_it(deployment: Deployment) -> None:
    """The pin that opens lies where the station is on Tencent's map, not 600 m beside it."""
    pushed = await deployment.wechat.location(WHO, *HERE)
    assert "300米" in words(pushed)
    assert pushed.shown is not None
    href = next(href for label, href in pushed.shown.links if label == "腾讯")
    lat, lon = href.partition("tocoord=")[2].split("&")[0].split(",")
    station = deployment.wechat.place(HERE[0] + 300 / 111_050, HERE[1])
    assert float(lat) == pytest.approx(float(station["Location_X"]), abs=2e-6)
    assert float(lon) == pytest.approx(float(station["Location_Y"]), abs=2e-6)


async def refused(deployment: Deployment, query: dict[str, str], body: bytes) -> int:
    """The status of a push that must leave no trace."""
    status, answer = await deployment.wechat.post(query, body)
    assert answer in {b"", b"success"}
    assert await count(deployment, InboxRow) == 0
    return status


async def test_what_is_not_from_wechat_is_never_answered(deployment: Deployment) -> None:
    wechat = deployment.wechat
    message = wechat.message(WHO, "location", wechat.place(*HERE))
    query, body = wechat.signed(message)
    for name in ("msg_signature", "timestamp", "nonce"):
        assert await refused(deployment, {**query, name: "999"}, body) == 403
        assert await refused(deployment, {**query, name: ""}, body) == 403
    flipped = bytearray(body)
    flipped[body.index(b"]]></Encrypt>") - 40] ^= 1
    assert await refused(deployment, query, bytes(flipped)) == 403
    assert await refused(deployment, {**query, "encrypt_type": "raw"}, body) == 403
    assert await refused(deployment, *wechat.signed(message, "plain")) == 403
    assert await refused(deployment, {}, b"") == 403
    assert await refused(deployment, query, b"<xml></xml>") == 403
    assert await refused(deployment, query, b"x" * (64 << 10)) in {403, 200}
    assert await refused(deployment, query, b"x" * ((64 << 10) + 1)) == 413
    assert NEAREST in words(await wechat.push(message))


@pytest.mark.parametrize(
    "message",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
        '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><xml>&x;</xml>',
        "<xml><FromUserName>oA</FromUserName></xml>",
        '{"MsgType": "text"}',
        "",
        "<xml>" + "<a>" * 9000,
    ],
)
async def test_what_is_signed_but_no_message_is_acknowledged(
    deployment: Deployment, message: str
) -> None:
    """Else it would come back twice, and the courier would read that the service is down."""
    assert await refused(deployment, *deployment.wechat.signed_raw(message, WHO)) == 200


async def test_a_push_of_another_key_or_account_is_never_answered(deployment: Deployment) -> None:
    deployment.wechat.aes_key = OTHER_KEY
    fields = deployment.wechat.message(WHO, "text", {"Content": "帮助"})
    assert await refused(deployment, *deployment.wechat.signed(fields)) == 200


async def test_an_overheard_push_is_dead_after_ten_minutes(
    deployment: Deployment, clock: ManualClock
) -> None:
    fields = deployment.wechat.message(WHO, "text", {"Content": "帮助"})
    query, body = deployment.wechat.signed(fields)
    clock.forward(minutes=10, hours=0.01)
    assert await refused(deployment, query, body) == 200
    clock.forward(minutes=-25)
    assert await refused(deployment, query, body) == 200


async def test_what_a_courier_typed_is_in_no_log(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    await deployment.wechat.location(WHO, 40.8436345, 111.7554321)
    await deployment.wechat.text(WHO, "我叫王小明 13812345678")
    deployment.wechat.aes_key = OTHER_KEY
    fields = deployment.wechat.message(WHO, "text", {"Content": "王小明"})
    await refused_quietly(deployment.wechat, fields)
    await deployment.wechat.post(
        {"msg_signature": "王小明", "encrypt_type": "aes"}, xml(fields).encode()
    )
    out, err = capsys.readouterr()
    for secret in ("王小明", "13812345678", "40.84", "111.75", WHO, AES_KEY):
        assert secret not in out + err


async def refused_quietly(wechat: FakeWeChat, fields: Params) -> None:
    assert (await wechat.post(*wechat.signed(fields)))[1] == b"success"


async def test_two_replicas_know_one_chat(deployment: Deployment) -> None:
    for text in ("帮助", "收藏", "你好"):
        assert (await deployment.wechat.text(WHO, text)).shown is not None
    async with deployment.replicas[1].store.reading() as db:
        assert await db.scalar(select(func.count()).select_from(ChatRow)) == 1


async def test_an_unsigned_body_that_does_not_come_whole_is_given_up(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "REPLY_DEADLINE", 0.05)
    address = urlsplit(deployment.addresses[0])
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"POST /wechat HTTP/1.1\r\nHost: a.example\r\nContent-Length: 500\r\n\r\n<xml>")
    async with asyncio.timeout(20):
        assert (await reader.readline()).split()[1] == b"408"
    writer.close()
    await writer.wait_closed()
