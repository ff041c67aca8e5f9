"""Content as parts of a reply: Markdown in plain words, with its links and pictures."""

from collections.abc import Sequence

from bot.common.i18n import Translator
from bot.conversation.context import Db
from bot.conversation.replies import Document, Link, Part, Say
from bot.services.content import pictures
from bot.services.content.catalogue import Item
from bot.services.content.markdown import Block, BlockKind, Span

PICTURE_PATH = "/a/pictures/"


def page_url(public_url: str, code: str) -> str:
    """The public page of a piece of content; "" without a public address."""
    return f"{public_url.rstrip('/')}/a/{code}" if public_url else ""


def words(blocks: Sequence[Block]) -> Say:
    """The text of blocks as one paragraph of a message, its links below it."""
    lines = [_line(block) for block in blocks if block.kind is not BlockKind.PICTURE]
    links = [
        Link(span.text, span.url)
        for block in blocks
        for span in block.spans
        if span.url and not _is_phone(span) and span.text != span.url
    ]
    return Say("\n".join(lines), tuple(links))


async def picture(db: Db, t: Translator, name: str, public_url: str) -> tuple[Part, ...]:
    """A picture as a file, or as a link on channels that take none; nothing without it."""
    found = await pictures.read(db, name) if name else None
    if found is None:
        return ()
    url = f"{public_url.rstrip('/')}{PICTURE_PATH}{name}" if public_url else ""
    link = Link(t("Picture"), url)
    return (Document(name, found.media_type, found.data, link),)


async def parts(
    db: Db, t: Translator, blocks: Sequence[Block], public_url: str
) -> tuple[Part, ...]:
    """The text of blocks, and then their pictures."""
    shown: list[Part] = [words(blocks)]
    for block in blocks:
        if block.kind is BlockKind.PICTURE:
            shown += await picture(db, t, block.picture, public_url)
    return tuple(shown)


def title(t: Translator, item: Item) -> str:
    """The title, marked if it is a sample."""
    return t("(sample) {title}", title=item.title) if item.is_sample else item.title


def remarks(t: Translator, item: Item) -> str:
    """Where it comes from, and whether it is overdue for review."""
    lines = [t("Source: {source}", source=item.source)]
    if item.overdue:
        lines.append(t("This is overdue for review and may no longer hold; please ask the outlet."))
    return "\n".join(lines)


def _line(block: Block) -> str:
    text = "".join(_said(span) for span in block.spans)
    if block.kind is not BlockKind.ITEM:
        return text
    return f"{block.number}. {text}" if block.number else f"· {text}"


def _said(span: Span) -> str:
    """The words of a span; a phone number that they do not say is added."""
    if _is_phone(span):
        number = span.url[len("tel:") :]
        return span.text if number in span.text else f"{span.text} {number}"
    return span.text


def _is_phone(span: Span) -> bool:
    return span.url.lower().startswith("tel:")
