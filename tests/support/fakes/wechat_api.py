"""The HTTP API of the fake WeChat: access tokens, customer messages and their quota, the menu."""

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.common.clock import Clock
from tests.support.fakes.telegram_calls import Fault, faulty_response, no_fault
from tests.support.fakes.wechat_messages import LIMIT, Params, Shown, sent_message

APP_ID = "wx0123456789abcdef"
SECRET = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API that was let in."""

    path: str
    params: Params
    raw: bytes


@dataclass(slots=True)
class _Grant:
    left: int = 0
    until: datetime | None = None


class WeChatApi:
    """What was accepted in `calls`, what each openid sees in `shown`, made QR codes in `scenes`.

    `faults`: error codes by path; `failing`: the fault of each call of a path, None where it works.
    """

    def __init__(self, clock: Clock) -> None:
        self.calls: list[Call] = []
        self.shown: dict[str, list[Shown]] = defaultdict(list)
        self.scenes: list[str] = []
        self.tokens_asked = 0
        self.faults: dict[str, list[int]] = defaultdict(list)
        self.failing: Callable[[str], Fault | None] = no_fault
        self.gate: asyncio.Event | None = None
        self.token = ""
        self.gone: set[str] = set()
        self._valid = ""
        self._clock = clock
        self._grants: dict[str, dict[str, _Grant]] = defaultdict(
            lambda: {"click": _Grant(), "message": _Grant()}
        )

    def routes(self) -> list[web.RouteDef]:
        """The endpoints below `/cgi-bin/`."""
        return [
            web.post("/cgi-bin/{path:.+}", self._serve),
            web.get("/cgi-bin/{path:menu/get}", self._serve),
        ]

    def expire_token(self) -> None:
        """The token ends before its time, as when another program asked for one by the old way."""
        self._valid = ""

    async def _serve(self, request: web.Request) -> web.Response:
        fault = self.failing(request.match_info["path"])
        answer = await self._carry_out(request) if fault is None or fault.carried_out else None
        if fault is not None:
            return await faulty_response(request, fault)
        assert answer is not None
        return answer

    async def _carry_out(self, request: web.Request) -> web.Response:
        path, raw = request.match_info["path"], await request.read()
        params = json.loads(raw or b"{}")
        if path == "stable_token":
            return web.json_response(self._token(params))
        code = self._refusal(path, request.query.get("access_token", ""), raw, params)
        if code:
            message = f"refused rid: {code}-1a2b3c4d-5e6f"
            return web.json_response({"errcode": code, "errmsg": message})
        self.calls.append(Call(path, params, raw))
        if self.gate is not None:
            await self.gate.wait()
        if path == "message/custom/send":
            self.shown[params["touser"]].append(sent_message(params))
        if path == "qrcode/create":
            self.scenes.append(params["action_info"]["scene"]["scene_str"])
            return web.json_response({"ticket": "gQ==/+", "url": "http://weixin.qq.com/q/02"})
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": 1})

    def _token(self, params: Params) -> Params:
        if self.faults["stable_token"]:
            code = self.faults["stable_token"].pop(0)
            where = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, " if code == 40164 else ""
            return {"errcode": code, "errmsg": f"{where}no, rid: {code}-t"}
        if params.get("appid") != APP_ID:
            return {"errcode": 40013, "errmsg": "invalid appid"}
        if params.get("secret") != SECRET:
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        assert params["grant_type"] == "client_credential"
        assert not params.get("force_refresh"), "of forced ones there are 20 a day"
        self.tokens_asked += 1
        if not self._valid:
            self._valid = f"token-{self.tokens_asked}-" + "x" * 500
        self.token = self._valid
        return {"access_token": self._valid, "expires_in": 7200}

    def _refusal(self, path: str, token: str, raw: bytes, params: Params) -> int:
        if not token:
            return 41001
        if token != self._valid:
            return 42001
        if self.faults[path]:
            return self.faults[path].pop(0)
        if rb"\u" in raw:
            return 40033
        match path:
            case "message/custom/send":
                return self._custom(params)
            case "message/template/send" | "message/subscribe/bizsend":
                values = {name: one["value"] for name, one in params["data"].items()}
                too_long = any(
                    name.startswith("thing") and len(value) > 20 for name, value in values.items()
                )
                return 47003 if too_long or not all(values.values()) else 0
            case "menu/create":
                _check_menu(params)
            case "qrcode/create":
                _check_code(params)
            case _:
                pass
        return 0

    def _custom(self, params: Params) -> int:
        to = params["touser"]
        if to in self.gone:
            return 43004
        if params["msgtype"] == "text" and len(params["text"]["content"].encode()) > LIMIT:
            return 45002
        if params["msgtype"] == "news" and len(params["news"]["articles"]) != 1:
            return 45008
        now = self._clock()
        open_ones = [one for one in self._grants[to].values() if one.until and one.until > now]
        if not open_ones:
            return 45015
        for grant in open_ones:
            if grant.left:
                grant.left -= 1
                return 0
        return 45047

    def _count(self, fields: Params) -> None:
        """What a push allows to be sent first."""
        now = self._clock()
        grants = self._grants[fields["FromUserName"]]
        is_click = fields.get("Event") in {"CLICK", "subscribe", "SCAN"} or fields.get(
            "bizmsgmenuid"
        )
        if is_click:
            grants["click"] = _Grant(3, now + timedelta(minutes=1))
        elif fields["MsgType"] != "event":
            grants["message"] = _Grant(5, now + timedelta(hours=48))


def _check_menu(params: Params) -> None:
    tops = params["button"]
    assert 1 <= len(tops) <= 3
    for top in tops:
        assert len(top["name"].encode()) <= 16
        subs = top.get("sub_button", [])
        assert len(subs) <= 5
        for one in subs or [top]:
            assert len(one["name"].encode()) <= 60
            assert one["type"] in {"click", "view", "location_select"}
            assert one["url" if one["type"] == "view" else "key"]
            assert len(one.get("key", "").encode()) <= 128


def _check_code(params: Params) -> None:
    is_temporary = params["action_name"] == "QR_STR_SCENE"
    assert is_temporary or params["action_name"] == "QR_LIMIT_STR_SCENE"
    assert set(params) == {"action_name", "action_info"} | (
        {"expire_seconds"} if is_temporary else set()
    )
    assert 1 <= params.get("expire_seconds", 60) <= 2_592_000
    ((kind, scene),) = params["action_info"]["scene"].items()
    assert kind == "scene_str"
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", scene)
