"""`GET /a/{code}`: one piece of content, and `GET /a/pictures/{name}`.

Plain HTML without scripts and cookies. Texts are Markdown without HTML, and escaped all the same.
"""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from aiohttp import web

from bot.common.clock import Clock
from bot.common.i18n import Translator
from bot.pages.layout import page, paragraph, with_security_headers
from bot.services.content import catalogue, markdown, pictures
from bot.services.content.catalogue import ContentKind, Item
from bot.services.content.lessons import lesson_of
from bot.services.content.markdown import Block, BlockKind, Span
from bot.store.engine import Store

PICTURES = "/a/pictures/"


class ContentPages:
    """Answers for each piece of content that is served; `demo`: samples, too."""

    def __init__(self, store: Store, clock: Clock, *, demo: bool) -> None:
        self._store = store
        self._clock = clock
        self._demo = demo

    async def respond(self, request: web.Request, t: Translator) -> web.Response:
        """The page, 404 where no such content is served."""
        code = request.match_info["code"]
        async with self._store.reading() as db:
            item = await catalogue.by_code(db, code, t.locale, self._clock(), demo=self._demo)
        if item is None:
            text = t("This page is no longer there, or never was.")
            return page(t, t("Nothing is here"), paragraph(text) + _chat(t, "/"), status=404)
        title = t("(sample) {title}", title=item.title) if item.is_sample else item.title
        return page(t, title, _body(t, item))

    async def picture(self, request: web.Request, t: Translator) -> web.Response:
        """A picture that we encoded ourselves; its name tells its bytes, so it never changes."""
        async with self._store.reading() as db:
            found = await pictures.read(db, request.match_info["name"])
        if found is None:
            return page(t, t("Nothing is here"), paragraph(t("Check the link.")), status=404)
        headers = with_security_headers({"Cache-Control": "max-age=86400, immutable"})
        return web.Response(body=found.data, content_type=found.media_type, headers=headers)


def _body(t: Translator, item: Item) -> str:
    parts = []
    if item.overdue:
        said = t("This is overdue for review and may no longer hold; please ask the outlet.")
        parts.append(f'<p class="overdue">{escape(said)}</p>')
    if item.picture:
        parts.append(_picture(item.picture, item.title))
    if item.kind is ContentKind.LESSON:
        lesson = lesson_of(item.text)
        parts += [f"<section>{_blocks(card)}</section>" for card in lesson.cards]
        said = t("{n} questions follow in the chat, and then a stamp.", n=len(lesson.questions))
        parts.append(paragraph(said))
    else:
        parts.append(_blocks(markdown.blocks_of(item.text)))
    source = t("Source: {source}", source=item.source)
    parts.append(f'<p class="soft">{escape(source)}</p>')
    parts.append(_chat(t, f"/?start=a-{item.code}"))
    language = "zh-CN" if item.locale == catalogue.CHINESE else item.locale
    return f'<div class="content" lang="{language}">' + "\n".join(parts) + "</div>"


def _blocks(blocks: Sequence[Block]) -> str:
    shown = []
    for (kind, numbered), group in groupby(blocks, lambda one: (one.kind, bool(one.number))):
        found = list(group)
        if kind is not BlockKind.ITEM:
            shown += [_block(one) for one in found]
            continue
        items = "".join(f"<li>{_spans(one.spans)}</li>" for one in found)
        first = f' start="{found[0].number}"' if numbered and found[0].number > 1 else ""
        shown.append(f"<ol{first}>{items}</ol>" if numbered else f"<ul>{items}</ul>")
    return "\n".join(shown)


def _block(block: Block) -> str:
    if block.kind is BlockKind.PICTURE:
        return _picture(block.picture, block.text)
    return f"<p>{_spans(block.spans)}</p>"


def _picture(name: str, description: str) -> str:
    return f'<img class="picture" src="{PICTURES}{escape(name)}" alt="{escape(description)}">'


def _spans(spans: Sequence[Span]) -> str:
    return "".join(map(_span, spans))


def _span(span: Span) -> str:
    html = escape(span.text).replace("\n", "<br>")
    if span.strong:
        html = f"<strong>{html}</strong>"
    if span.emphasis:
        html = f"<em>{html}</em>"
    if span.url:
        html = f'<a href="{escape(span.url)}" rel="noopener noreferrer">{html}</a>'
    return html


def _chat(t: Translator, address: str) -> str:
    label = escape(t("Ask 驿站小助手 about it"))
    return f'<p class="links"><a class="quiet" href="{escape(address)}">{label}</a></p>'
