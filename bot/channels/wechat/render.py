"""Renders an answer for WeChat: pure functions to text, passive XML and customer messages.

One answer is one text of at most 2000 bytes, and markup costs 60 to 600 bytes a link. So the text
and the numbers of choices always stand; the bytes that are left go to one link for each place, the
shortest it has, then to the choices as tappable lines, then to the further links, those of the
first place before the others'. A link that does not fit is left out, a choice that does not fit is
picked by typing its number.

A tappable line sends its `msgmenucontent` as the courier's own words, with `msgmenuid` as
`bizmsgmenuid`: the id carries the action, so that an old line still means what it says, and where
an account gets no ids the words are the label or the number, as if typed. Android decodes the
values twice and needs both. Undocumented, in wide use.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from bot.channels.wechat.abilities import TEXT_BYTES
from bot.channels.wechat.parse import ACTION
from bot.common.values import value
from bot.conversation.events import NOT_PRINTABLE
from bot.conversation.replies import (
    Answer,
    Article,
    Button,
    Choices,
    Document,
    Json,
    Link,
    Message,
    Say,
    Venue,
    Words,
)
from bot.geo import map_links

WIDE = "\u3000"  # between two links or choices of one line
LINE = 14  # Chinese characters in one line of a chat on a phone, at the default font size
GAP = 3  # bytes before a map link, a line end or a wide blank
TITLE = 64
DESCRIPTION = 1000  # bytes; more is not shown anyway
PLAIN_LABEL = re.compile(r"[A-Za-z0-9\u4e00-\u9fff]{1,20}")
UNSAFE_IN_HREF = str.maketrans({'"': "%22", "<": "%3C", ">": "%3E", " ": "%20", "\n": "%0A"})


@value
class Text:
    """A text message, links as the markup that WeChat's clients know."""

    content: str


@value
class News:
    """One 图文消息 (an article with title, description and link)."""

    title: str
    description: str
    url: str


Native = Text | News


def render(answer: Answer) -> Native | None:
    """The one message that shows the answer, or None where there is nothing to show."""
    if len(answer.messages) == 1 and (news := _news(answer.messages[0])) is not None:
        return news
    paragraphs = [say for message in answer.messages for say in _paragraphs(message)]
    choices = [
        message.choices
        for message in answer.messages
        if isinstance(message, Words | Venue) and message.choices is not None
    ]
    content = _text(paragraphs, choices)
    return Text(content) if content else None


def passive(native: Native, to: str, sender: str, at: int) -> bytes:
    """The XML that answers a push. `to` is the openid, `at` in seconds."""
    match native:
        case Text(content):
            kind, body = "text", f"<Content>{cdata(content)}</Content>"
        case News(title, description, url):
            kind = "news"
            body = (
                "<ArticleCount>1</ArticleCount><Articles><item>"
                f"<Title>{cdata(title)}</Title><Description>{cdata(description)}</Description>"
                f"<PicUrl>{cdata('')}</PicUrl><Url>{cdata(url)}</Url></item></Articles>"
            )
    return (
        f"<xml><ToUserName>{cdata(to)}</ToUserName><FromUserName>{cdata(sender)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType>{cdata(kind)}</MsgType>{body}</xml>"
    ).encode()


def customer(native: Native, to: str) -> dict[str, Json]:
    """The parameters of a customer message (客服消息)."""
    match native:
        case Text(content):
            return {"touser": to, "msgtype": "text", "text": {"content": content}}
        case News(title, description, url):
            article: dict[str, Json] = {"title": title, "description": description, "url": url}
            return {"touser": to, "msgtype": "news", "news": {"articles": [article]}}


def cdata(text: str) -> str:
    """A CDATA section, or two where the text holds the mark of its end."""
    clean = NOT_PRINTABLE.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{clean}]]>"


def lines_of(native: Native) -> list[str]:
    """The text line by line, without markup, for the fields of a template."""
    match native:
        case Text(content):
            plain = re.sub(r"<a [^>]*>|</a>", "", content)
            return [line.strip() for line in plain.splitlines() if line.strip()]
        case News(title, description, _):
            return [title, *description.splitlines()]


@dataclass(eq=False, slots=True)
class _Link:
    """A map link or a choice; `cost`: the bytes that its markup adds."""

    plain: str
    marked: str
    cost: int = field(init=False)
    linked: bool = False

    def __post_init__(self) -> None:
        self.cost = _size(self.marked) - _size(self.plain)

    def __str__(self) -> str:
        return self.marked if self.linked else self.plain


def _text(says: list[Say], choices: list[Choices]) -> str:
    """The whole text, with markup for as many links as fit; see the module's docstring."""
    maps = [[_map(link) for link in say.links if link.url] for say in says]
    rows = [
        [_tap(button, number) for number, button in row]
        for one in choices
        for row in one.numbered_rows()
    ]
    paragraphs = [_clean(say.text).strip() for say in says]
    tail = "\n".join(_row(row) for row in rows)
    paragraphs = _shortened(paragraphs, TEXT_BYTES - _size(tail) - 1)
    whole = "\n\n".join(one for one in paragraphs if one) + ("\n" + tail if tail else "")
    _allot(TEXT_BYTES - _size(whole), maps, rows)
    parts = []
    for text, offered in zip(paragraphs, maps, strict=True):
        shown = WIDE.join(str(link) for link in offered if link.linked)
        parts.append("\n".join(part for part in (text, shown) if part))
    tail = "\n".join(_row(row) for row in rows)
    words = "\n\n".join(part for part in parts if part)
    return "\n".join(part for part in (words, tail) if part)


def _allot(room: int, maps: list[list[_Link]], rows: list[list[_Link]]) -> None:
    ranked = [sorted(offered, key=lambda link: link.cost) for offered in maps if offered]
    one_each = [offered[0] for offered in ranked]
    taps = [tap for row in rows for tap in row]
    further = [link for offered in ranked for link in offered[1:]]
    for link in (*one_each, *taps, *further):
        if link in further and not all(one.linked for one in one_each):
            break  # no second link for one place while another has none
        cost = link.cost if link.plain else link.cost + GAP
        if cost <= room:
            link.linked = True
            room -= cost


def _map(link: Link) -> _Link:
    url = map_links.without_app(link.url)  # callnative=1 fails in WeChat's browser
    return _Link("", f'<a href="{url.translate(UNSAFE_IN_HREF)}">{_clean(link.label)}</a>')


def _tap(button: Button, number: int) -> _Link:
    line = f"{number}. {_clean(button.label)}"
    words = button.label if PLAIN_LABEL.fullmatch(button.label) else str(number)
    tapped = button.action if ACTION.fullmatch(button.action) else str(number)
    href = f"weixin://bizmsgmenu?msgmenucontent={words}&msgmenuid={tapped}"
    return _Link(line, f'<a href="{href}">{line}</a>')


def _row(row: list[_Link]) -> str:
    """Short choices side by side, long ones each in a line."""
    width = sum(_width(tap.plain) for tap in row) + len(row) - 1
    return (WIDE if width <= LINE else "\n").join(str(tap) for tap in row)


@lru_cache(maxsize=1024)  # of choices: the same few words in every answer
def _width(text: str) -> float:
    return sum(1 if unicodedata.east_asian_width(one) in "WFA" else 0.5 for one in text)


def _shortened(paragraphs: list[str], room: int) -> list[str]:
    """The paragraphs, without the last lines where all of them are more than the room."""
    kept = list(paragraphs)
    while _size("\n\n".join(kept)) > room and any(kept):
        last = max(number for number, text in enumerate(kept) if text)
        shorter = kept[last].rpartition("\n")[0]
        kept[last] = shorter if shorter or last else kept[last][: len(kept[last]) * 9 // 10]
    return kept


def _news(message: Message) -> News | None:
    """A message that is nothing but one link; a place opens on Tencent's map, as WeChat does."""
    match message:
        case Article(title, text, url):
            news = News(title, text, url)
        case Venue(point, title, address, None):
            news = News(title, address, map_links.tencent(point, title, address))
        case _:
            return None
    description = _clean(news.description).encode()[:DESCRIPTION].decode("utf-8", "ignore")
    return News(_clean(news.title)[:TITLE], description, news.url)


def _paragraphs(message: Message) -> tuple[Say, ...]:
    match message:
        case Words(paragraphs):
            return paragraphs
        case Article(title, text, url):
            return (Say(text, (Link(title, url),)),)
        case Venue(point, title, address):
            return (Say(address, (Link(title, map_links.tencent(point, title, address)),)),)
        case Document(name, _, _, link):
            return (Say(name, (link,)),)


def _clean(text: str) -> str:
    """Without characters that XML forbids or that a client would read as markup."""
    return NOT_PRINTABLE.sub("", text).replace("\r", "").replace("<", "＜")


def _size(text: str) -> int:
    return len(text.encode())
