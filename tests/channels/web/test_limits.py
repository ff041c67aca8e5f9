"""How many frames and sockets a visitor and an IP address may have."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import WSCloseCode

from bot.channels.web.admission import Limits
from bot.common.clock import Clock
from bot.common.rate_limit import Buckets, TokenBucket
from tests.channels.web.running_chat import RunningChat, text_of
from tests.support.fakes.web import PATIENCE, WebLine


async def test_too_big_a_frame_closes_that_socket_only(running: RunningChat, line: WebLine) -> None:
    async with WebLine() as big:
        await big.connect(running.url)
        await big.send_raw("x" * (Limits().frame_bytes + 1))
        with pytest.raises(ConnectionError, match=str(int(WSCloseCode.MESSAGE_TOO_BIG))):
            await big.receive()
        await big.connect(running.url)
        with pytest.raises(ConnectionError):  # hung up on while still sending, or after
            await big.ask({"type": "text", "text": "x" * 10_000_000})
    assert "还在" in text_of(await line.text("还在"))


async def test_too_many_messages_are_refused_then_accepted(
    running: RunningChat, line: WebLine
) -> None:
    limits = Limits()
    for n in range(limits.burst - 1):  # the hello was the first
        assert (await line.text(str(n)))["type"] == "answer"
    to = str(uuid4())
    put_off = await line.text("太快了", to)
    assert (put_off["code"], put_off["to"]) == ("too_fast", to)
    assert len(running.turn.taken) == limits.burst - 1
    running.seconds += put_off["retry_after"] + 1 / limits.per_second
    assert "太快了" in text_of(await line.text("太快了", to))


async def test_a_flood_of_frames_closes_the_socket(running: RunningChat, line: WebLine) -> None:
    for _ in range(2 * Limits().burst - 1):
        await line.send_raw("{")
    for _ in range(2 * Limits().burst - 2):
        assert (await line.receive())["code"] == "malformed"
    with pytest.raises(ConnectionError, match=str(int(WSCloseCode.POLICY_VIOLATION))):
        await line.receive()


async def test_a_new_connection_brings_no_new_messages(running: RunningChat, line: WebLine) -> None:
    limits = Limits()
    for n in range(limits.burst - 1):
        assert (await line.text(str(n)))["type"] == "answer"
    async with WebLine(line.visitor) as again, WebLine() as somebody:
        await again.connect(running.url)
        assert (await again.text("换个页面"))["code"] == "too_fast"
        await somebody.connect(running.url)
        assert (await somebody.text("我才来"))["type"] == "answer"
    running.seconds += 60
    assert (await line.text("等了一会儿"))["type"] == "answer"


async def test_one_address_is_slowed_down_however_many_visitors_it_makes_up(clock: Clock) -> None:
    limits = replace(Limits(), client_burst=6, client_per_second=1.0)
    running = await RunningChat(clock, proxies=1, limits=limits).opened()
    came = []
    for _ in range(5):  # a hello and a message each
        async with WebLine() as line:
            await line.connect(running.url)
            came.append((await line.text("我"))["type"])
    assert came == ["answer"] * 3 + ["error"] * 2
    running.seconds += 60
    async with WebLine() as line:
        await line.connect(running.url)
        assert (await line.text("我"))["type"] == "answer"
    await running.server.close()


async def test_after_a_flood_a_new_connection_is_closed_at_once(
    running: RunningChat, line: WebLine
) -> None:
    for _ in range(2 * Limits().burst - 1):
        await line.send_raw("{")
    for _ in range(2 * Limits().burst - 2):
        await line.receive()
    async with WebLine(line.visitor) as again:
        with pytest.raises(ConnectionError):
            await line.receive()
        with pytest.raises(ConnectionError, match=str(int(WSCloseCode.POLICY_VIOLATION))):
            await again.connect(running.url)
    running.seconds += 60
    await line.connect(running.url)
    assert (await line.text("好了"))["type"] == "answer"


def test_visitors_seen_longest_ago_are_forgotten() -> None:
    buckets = Buckets(1, 1.0, lambda: 0.0, remembered=2)
    for whose in ("a", "b", "a", "c"):
        buckets.of(whose).wait()
    assert [buckets.of(whose).wait() > 0 for whose in ("a", "c", "b")] == [True, True, False]


def test_the_bucket_fills_with_time_up_to_its_burst() -> None:
    now = 0.0
    bucket = TokenBucket(2, 1.0, lambda: now)
    assert [bucket.wait(), bucket.wait(), bucket.wait()] == [0, 0, 1]
    now = 3.0
    assert [bucket.wait(), bucket.wait(), bucket.wait()] == [0, 0, 1]
    now = 3600.0
    assert [bucket.wait(), bucket.wait(), bucket.wait()] == [0, 0, 1]


async def test_one_client_may_open_only_so_many_sockets(clock: Clock) -> None:
    running = await RunningChat(clock, limits=replace(Limits(), sockets_per_client=2)).opened()
    async with WebLine() as one, WebLine() as two, WebLine() as three:
        await one.connect(running.url)
        await two.connect(running.url)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await three.connect(running.url)
        assert refused.value.status == 503
        await one.leave()
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await three.connect(running.url)
                    break
                except aiohttp.WSServerHandshakeError:
                    continue
        assert (await three.text("进来了"))["type"] == "answer"
    await running.server.close()


async def test_behind_a_proxy_clients_are_told_apart(clock: Clock) -> None:
    limits = replace(Limits(), sockets_per_client=1)
    running = await RunningChat(clock, proxies=1, limits=limits).opened()
    origin = running.url.rstrip("/")
    async with aiohttp.ClientSession() as http:
        sockets = [
            await http.ws_connect(
                f"{running.url}chat/ws",
                origin=origin,
                headers={"X-Forwarded-For": f"1.1.1.1, {client}"},
            )
            for client in ("10.0.0.1", "10.0.0.2")
        ]
        headers = {"X-Forwarded-For": "9.9.9.9, 10.0.0.1"}
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(f"{running.url}chat/ws", origin=origin, headers=headers)
        assert not any(socket.closed for socket in sockets)
        for socket in sockets:
            await socket.close()
    await running.server.close()


async def test_a_socket_that_never_says_hello_is_closed(clock: Clock) -> None:
    running = await RunningChat(clock, limits=replace(Limits(), hello=0.05)).opened()
    origin = running.url.rstrip("/")
    async with aiohttp.ClientSession() as http, WebLine() as polite:
        await polite.connect(running.url)
        for sent in ("", "{"):  # nothing at all, or anything but a hello
            async with http.ws_connect(f"{running.url}chat/ws", origin=origin) as socket:
                if sent:
                    await socket.send_str(sent)
                    await socket.receive(timeout=PATIENCE)
                closed = await socket.receive(timeout=PATIENCE)
                assert closed.type is aiohttp.WSMsgType.CLOSE
                assert closed.data == WSCloseCode.TRY_AGAIN_LATER
        assert (await polite.text("还在"))["type"] == "answer"  # long after those ten seconds
    await running.server.close()


async def test_one_visitor_may_open_only_so_many_pages(clock: Clock) -> None:
    running = await RunningChat(clock, limits=replace(Limits(), sockets_per_visitor=2)).opened()
    async with WebLine() as one, WebLine(one.visitor) as two, WebLine(one.visitor) as three:
        await one.connect(running.url)
        await two.connect(running.url)
        with pytest.raises(ConnectionError, match=str(int(WSCloseCode.TRY_AGAIN_LATER))):
            await three.connect(running.url)
        assert (await two.text("我"))["type"] == "answer"
        async with WebLine() as neighbour:
            await neighbour.connect(running.url)
            assert (await neighbour.text("我"))["type"] == "answer"
    await running.server.close()


async def test_an_address_makes_up_visitors_slowly_and_known_ones_still_come_in(
    clock: Clock,
) -> None:
    limits = replace(Limits(), newcomers_burst=2, newcomers_per_second=0.1)
    running = await RunningChat(clock, limits=limits).opened()
    async with WebLine() as one, WebLine() as two, WebLine() as three:
        await one.connect(running.url)
        await two.connect(running.url)
        with pytest.raises(ConnectionError, match=str(int(WSCloseCode.TRY_AGAIN_LATER))):
            await three.connect(running.url)
        await one.connect(running.url)
        assert (await one.text("又来了"))["type"] == "answer"
        running.seconds += 10
        await three.connect(running.url)
        assert (await three.text("我才来"))["type"] == "answer"
    await running.server.close()


async def test_a_flood_from_the_same_address_leaves_a_neighbour_every_answer(
    clock: Clock,
) -> None:
    """Ten visitors send five times what their address may; a neighbour asks every five seconds."""
    limits = replace(Limits(), client_burst=40, client_per_second=4.0)
    running = await RunningChat(clock, limits=limits).opened()
    flood = [WebLine() for _ in range(10)]
    async with AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(line) for line in flood]
        neighbour = await stack.enter_async_context(WebLine())
        for line in (*lines, neighbour):
            await line.connect(running.url)
        flooded, answered = [], []
        for second in range(40):
            for _ in range(2):  # each visitor's own limit admits that for ever
                answers = await asyncio.gather(*(line.text("洪水") for line in lines))
                flooded += [answer["type"] for answer in answers]
            if second % 5 == 0:
                answered.append((await neighbour.text("最近的驿站"))["type"])
            running.seconds += 1
    assert answered == ["answer"] * 8
    assert 150 <= flooded.count("answer") <= 240  # 4 a second, and the burst
    await running.server.close()


async def test_refused_frames_do_not_keep_their_address_waiting(clock: Clock) -> None:
    limits = replace(Limits(), client_burst=4, client_per_second=1.0)
    running = await RunningChat(clock, limits=limits).opened()
    async with WebLine() as one, WebLine() as two:
        await one.connect(running.url)
        await two.connect(running.url)
        came = [(await one.text(str(n)))["type"] for n in range(12)]
        assert came == ["answer"] * 2 + ["error"] * 10
        refused = await two.text("我呢")
        assert refused["retry_after"] == 2  # as if the refused ones had never been sent
        running.seconds += 1
        assert (await two.text("我呢"))["type"] == "answer"
    await running.server.close()


def test_all_sockets_of_an_address_together_leave_its_guaranteed_frames_to_come() -> None:
    limits = Limits()
    assert limits.sockets_per_client / limits.guaranteed <= limits.client_per_second
