"""The account's bottom menu and its QR codes, checked against the platform's limits before a call.

A menu made here switches off the one of the console; clients show a new one within five minutes.
https://developers.weixin.qq.com/doc/service/guide/product/menu/Creating_Custom-Defined_Menu.html
"""

import re
from urllib.parse import quote

from bot.channels.wechat.client import Client
from bot.common.values import value
from bot.conversation.replies import Json

TOP, SUB = 3, 5
TOP_BYTES, SUB_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024
SCENE = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST = 2_592_000  # seconds that a temporary code lasts at most


@value
class Tap:
    """An entry that sends its key: an action such as `favourites`, or text as if typed."""

    label: str
    key: str


@value
class Place:
    """An entry that opens the map and sends the location that is picked there."""

    label: str


@value
class Page:
    """An entry that opens a page."""

    label: str
    url: str


Entry = Tap | Place | Page


@value
class Folder:
    """A top entry that opens a list of others."""

    label: str
    entries: tuple[Entry, ...]


def menu(*tops: Entry | Folder) -> dict[str, Json]:
    """The parameters of `menu/create`. Raises `ValueError` for what the platform would refuse."""
    if not 1 <= len(tops) <= TOP:
        raise ValueError(f"a menu has 1 to {TOP} entries")
    return {"button": [_top(one) for one in tops]}


async def apply(client: Client, parameters: dict[str, Json]) -> None:
    """Makes it the account's menu. Raises `PlatformError` or a `DeliveryFailed`."""
    await client.call("/cgi-bin/menu/create", parameters)


@value
class Code:
    """A QR code: `url` is what it says, `picture` an address that shows it drawn."""

    url: str
    picture: str


async def create_code(client: Client, scene: str, seconds: int | None = None) -> Code:
    """A code that opens the account with `scene`; without `seconds` it is one of 100,000 for good.

    Raises `ValueError`, `PlatformError` or a `DeliveryFailed`.
    """
    if not SCENE.fullmatch(scene):
        raise ValueError("a code has 1 to 64 letters, digits, - and _")
    if seconds is not None and not 1 <= seconds <= LONGEST:
        raise ValueError("a temporary code lasts at most 30 days")
    info: Json = {"scene": {"scene_str": scene}}
    body: dict[str, Json] = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": info}
    if seconds is not None:
        body |= {"action_name": "QR_STR_SCENE", "expire_seconds": seconds}
    answer = await client.call("/cgi-bin/qrcode/create", body)
    ticket = quote(str(answer.get("ticket", "")), safe="")
    picture = f"https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket={ticket}"
    return Code(str(answer.get("url", "")), picture)


def _top(one: Entry | Folder) -> Json:
    if isinstance(one, Folder):
        if not 1 <= len(one.entries) <= SUB:
            raise ValueError(f"{one.label} has 1 to {SUB} entries")
        entries: list[Json] = [_entry(entry, SUB_BYTES) for entry in one.entries]
        return {"name": _within(one.label, TOP_BYTES), "sub_button": entries}
    return _entry(one, TOP_BYTES)


def _entry(one: Entry, most: int) -> Json:
    name = _within(one.label, most)
    match one:
        case Tap(_, key):
            return {"type": "click", "name": name, "key": _within(key, KEY_BYTES)}
        case Place():
            return {"type": "location_select", "name": name, "key": "place"}
        case Page(_, url):
            return {"type": "view", "name": name, "url": _within(url, URL_BYTES)}


def _within(text: str, most: int) -> str:
    if not text or len(text.encode()) > most:
        raise ValueError(f"“{text}” must have 1 to {most} bytes")
    return text
