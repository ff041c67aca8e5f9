"""Messages of WeChat: the XML of pushes, and replies as a courier sees them, strictly checked."""

import re
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from wechatpy.utils import WeChatSigner  # type: ignore[import-untyped]

LIMIT = 2047  # bytes of a text; one of 2048 was seen to vanish
LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
CONTENT = re.compile(r"[A-Za-z0-9\u4e00-\u9fff]+")
Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a courier sees: a text with its markup, or a card."""

    kind: str
    text: str
    title: str = ""
    url: str = ""
    sent_first: bool = False

    @property
    def words(self) -> str:
        """The text without markup."""
        return LINK.sub(lambda found: found[2], self.text)

    @property
    def links(self) -> list[tuple[str, str]]:
        """Label and address of each link, those that send words included."""
        return [(label, href) for href, label in LINK.findall(self.text)]


def xml(fields: Params) -> str:
    """A push's text, as the platform writes it: numbers bare, all else in CDATA."""
    parts = []
    for name, value in fields.items():
        if isinstance(value, dict):
            parts.append(f"<{name}>{xml(value)[5:-6]}</{name}>")
        elif isinstance(value, int) or name in {"MsgId", "bizmsgmenuid"}:
            parts.append(f"<{name}>{value}</{name}>")
        else:
            text = str(value).replace("]]>", "]]]]><![CDATA[>")
            parts.append(f"<{name}><![CDATA[{text}]]></{name}>")
    return f"<xml>{''.join(parts)}</xml>"


def signature(*parts: str) -> str:
    """As wechatpy signs."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def answered_with(body: bytes, fields: Params) -> Shown:
    """A passive answer as its reader gets it. Fails on what the platform would not show."""
    root = read_xml(body.decode("utf-8"))
    assert root.tag == "xml"
    assert root.findtext("ToUserName") == fields["FromUserName"], "to and from are not swapped"
    assert root.findtext("FromUserName") == fields["ToUserName"]
    assert (root.findtext("CreateTime") or "").isdigit()
    kind = root.findtext("MsgType")
    if kind == "text":
        content = root.findtext("Content") or ""
        _check_text(content)
        return Shown("text", content)
    assert kind == "news", kind
    assert root.findtext("ArticleCount") == "1"
    items = root.findall("Articles/item")
    assert len(items) == 1
    article = {child.tag: child.text or "" for child in items[0]}
    assert article["Url"].startswith("https://")
    return Shown("news", article["Description"], article["Title"], article["Url"])


def read_xml(text: str | bytes) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - written by us or by the bot under test


def sent_message(params: Params) -> Shown:
    if params["msgtype"] == "text":
        _check_text(params["text"]["content"])
        return Shown("text", params["text"]["content"], sent_first=True)
    article = params["news"]["articles"][0]
    return Shown("news", article["description"], article["title"], article["url"], sent_first=True)


def _check_text(content: str) -> None:
    assert content.strip(), "nothing would be shown"
    assert len(content.encode()) <= LIMIT, "nothing would be shown"
    rest = LINK.sub("", content)
    assert "<" not in rest, f"broken markup: {rest!r}"
