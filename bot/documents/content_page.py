"""One piece of content as HTML: Markdown without HTML, and escaped all the same."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from bot.common.i18n import Translator
from bot.services.content import catalogue, markdown
from bot.services.content.catalogue import ContentKind, Item
from bot.services.content.lessons import lesson_of
from bot.services.content.markdown import Block, BlockKind, Span


def body(t: Translator, item: Item, pictures: str, last: str = "") -> str:
    """Its HTML. `pictures`: where their addresses begin; `last`: HTML at its end."""
    parts = []
    if item.overdue:
        said = t("This is overdue for review and may no longer hold; please ask the outlet.")
        parts.append(f'<p class="overdue">{escape(said)}</p>')
    if item.picture:
        parts.append(_picture(pictures, item.picture, item.title))
    if item.kind is ContentKind.LESSON:
        lesson = lesson_of(item.text)
        parts += [f"<section>{_blocks(card, pictures)}</section>" for card in lesson.cards]
        said = t("{n} questions follow in the chat, and then a stamp.", n=len(lesson.questions))
        parts.append(f"<p>{escape(said)}</p>")
    else:
        parts.append(_blocks(markdown.blocks_of(item.text), pictures))
    source = t("Source: {source}", source=item.source)
    parts.append(f'<p class="soft">{escape(source)}</p>')
    parts.append(last)
    language = "zh-CN" if item.locale == catalogue.CHINESE else item.locale
    return f'<div class="content" lang="{language}">' + "\n".join(parts) + "</div>"


def _blocks(blocks: Sequence[Block], pictures: str) -> str:
    shown = []
    for (kind, numbered), group in groupby(blocks, lambda one: (one.kind, bool(one.number))):
        found = list(group)
        if kind is not BlockKind.ITEM:
            shown += [_block(one, pictures) for one in found]
            continue
        items = "".join(f"<li>{_spans(one.spans)}</li>" for one in found)
        first = f' start="{found[0].number}"' if numbered and found[0].number > 1 else ""
        shown.append(f"<ol{first}>{items}</ol>" if numbered else f"<ul>{items}</ul>")
    return "\n".join(shown)


def _block(block: Block, pictures: str) -> str:
    if block.kind is BlockKind.PICTURE:
        return _picture(pictures, block.picture, block.text)
    return f"<p>{_spans(block.spans)}</p>"


def _picture(pictures: str, name: str, description: str) -> str:
    return f'<img class="picture" src="{pictures}{escape(name)}" alt="{escape(description)}">'


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
