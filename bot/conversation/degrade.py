"""Makes any reply fit any channel: one pure function over `Abilities`, no channel named.

Part by part: a `Pin` says its words, and is a native venue besides where the channel has as many
as the reply has places; an `Article` and a `Document` become a paragraph with a link; `AskLocation`
becomes a hint; choices hang on the message before them or become a numbered list; paragraphs share
a message and are cut at line ends. Numbers never depend on the channel.
"""

from collections.abc import Iterator
from dataclasses import replace

from bot.conversation.phrases import Phrases
from bot.conversation.replies import (
    Abilities,
    Answer,
    Article,
    AskLocation,
    Button,
    Buttons,
    Choices,
    Document,
    Link,
    Message,
    Pin,
    Reply,
    Say,
    Venue,
    Words,
    choices,
)

GAP = 2  # the blank line between two paragraphs, in characters and bytes
MARKUP = len('<a href=""></a>')
BYTES = 4  # of a character at most
_LINK_EXTRA = {"entity": 0, "markup": MARKUP, "bare": 1}  # characters beside label and address


def degrade(reply: Reply, abilities: Abilities, phrases: Phrases) -> Answer:
    """The same answer in messages that the channel can show."""
    messages: list[Message] = []
    venues: list[Message] = []
    native = sum(isinstance(part, Pin) for part in reply.parts) <= abilities.pins
    count = 0
    shown = choices(reply)
    for part in reply.parts:
        match part:
            case Say():
                _say(messages, part, abilities)
            case Pin():
                venue = native and not (part.aside and abilities.pins == 1)
                if part.text or not venue:
                    text = part.text or f"{part.title}\n{part.address}".rstrip()
                    _say(messages, Say(text, part.links), abilities)
                if venue:
                    venues.append(
                        Venue(part.point, part.title, part.address, None, part.mark, part.more)
                    )
            case Article():
                if abilities.articles and (abilities.messages > 1 or len(reply.parts) == 1):
                    messages.append(part)
                else:
                    _say(messages, Say(part.text, (Link(part.title, part.url),)), abilities)
            case Document():
                if abilities.documents:
                    messages.append(part)
                elif part.link.url:
                    _say(messages, Say(part.name, (part.link,)), abilities)
            case AskLocation():
                if abilities.location_requests == "button":
                    if not part.shown_before:
                        _ask(messages, part)
                else:
                    _say(messages, Say(part.hints[abilities.location_requests]), abilities)
            case Buttons():
                first, rows = count, list[tuple[Button, ...]]()
                for row in part.rows:
                    rows.append(shown[count : count + len(row)])
                    count += len(row)
                if count == first:
                    continue
                messages += venues
                venues = []
                numbered = count - first > abilities.max_buttons
                fitted = Choices(tuple(rows), numbered, first + 1)
                _choose(messages, part.prompt, fitted, abilities, phrases)
    messages += venues
    return Answer(tuple(_bound(messages, abilities, phrases)), reply.erased)


def _say(messages: list[Message], say: Say, abilities: Abilities) -> None:
    if _added(messages, say, abilities):
        return
    for piece in _cut(say, abilities):
        if not _added(messages, piece, abilities):
            messages.append(Words((piece,)))


def _added(messages: list[Message], say: Say, abilities: Abilities) -> bool:
    """Whether it has joined the words before it, or is empty: no channel takes such a message."""
    if not (say.text.strip() or say.links):
        return True
    last = messages[-1] if messages else None
    if not isinstance(last, Words) or last.choices is not None or last.ask_location:
        return False
    longer = Words((*last.paragraphs, say))
    if _fits(longer, abilities):
        messages[-1] = longer
        return True
    return False


def _ask(messages: list[Message], part: AskLocation) -> None:
    last = messages[-1] if messages else None
    if isinstance(last, Words) and last.choices is None:
        messages[-1] = replace(last, ask_location=part.label)
    else:
        messages.append(Words((Say(part.label),), ask_location=part.label))


def _choose(
    messages: list[Message], prompt: str, fitted: Choices, abilities: Abilities, phrases: Phrases
) -> None:
    """Hangs choices on the message before them, or on one of their own made of the prompt."""
    if fitted.numbered:
        prompt = f"{prompt} {phrases.pick_a_number}".strip()
    last = messages[-1] if messages else None
    if isinstance(last, Words) and last.choices is None and not last.ask_location:
        extra = (Say(prompt),) if prompt else ()
        longer = Words((*last.paragraphs, *extra), fitted)
        if _fits(longer, abilities):
            messages[-1] = longer
            return
    if isinstance(last, Venue) and last.choices is None and not prompt:
        messages[-1] = replace(last, choices=fitted)
        return
    messages.append(Words((Say(prompt or "…"),), fitted))


def _cut(say: Say, abilities: Abilities) -> Iterator[Say]:
    """Pieces that each fit one message: cut at line ends, in a line only where it is too long."""
    if _fits(Words((say,)), abilities):
        yield say
        return
    kept: list[str] = []
    for line in _short_lines(say.text, abilities):
        if kept and not _fits(Words((Say("\n".join([*kept, line])),)), abilities):
            yield Say("\n".join(kept))
            kept = []
        kept.append(line)
    tail = Say("\n".join(kept), say.links)
    if _fits(Words((tail,)), abilities):
        yield tail
    else:
        yield Say(tail.text)
        yield Say("", say.links)


def _short_lines(text: str, abilities: Abilities) -> Iterator[str]:
    for whole in text.split("\n"):
        line = whole
        while line and not _fits(Words((Say(line),)), abilities):
            keep = min(len(line), abilities.text_limit)
            while _size(line[:keep]) > abilities.text_size:
                keep -= max(1, (_size(line[:keep]) - abilities.text_size) // 4)
            yield line[:keep]
            line = line[keep:]
        yield line


def _fits(words: Words, abilities: Abilities) -> bool:
    numbered = words.choices if words.choices is not None and words.choices.numbered else None
    lines = numbered.lines() if numbered is not None else []
    link = 1 + _LINK_EXTRA[abilities.links]
    urls = abilities.links != "entity"
    characters = GAP * (len(words.paragraphs) - 1) + len(lines)
    for line in lines:
        characters += len(line)
    for say in words.paragraphs:
        characters += len(say.text)
        for one in say.links:
            characters += link + len(one.label) + (len(one.url) if urls else 0)
    if characters > abilities.text_limit:
        return False
    marks = (abilities.choice_size - 1) * len(lines)
    if BYTES * characters + marks <= abilities.text_size:
        return True
    size = characters + marks
    for text in _texts(words, lines):
        size += _size(text) - len(text)
    return size <= abilities.text_size


def _texts(words: Words, lines: list[str]) -> Iterator[str]:
    """What may hold characters of more than one byte."""
    yield from lines
    for say in words.paragraphs:
        yield say.text
        yield from (one.label for one in say.links)


def _bound(messages: list[Message], abilities: Abilities, phrases: Phrases) -> list[Message]:
    """At most as many messages as an answer may have: words are cut, the choices stay.

    So does a request for a location; beside choices, which leave it no keyboard, as words.
    """
    if len(messages) <= abilities.messages:
        return messages
    kept, left = messages[: abilities.messages - 1], messages[abilities.messages - 1 :]
    texts: list[Say] = []
    ending = Words(())
    lost = False
    for one in left:
        match one:
            case Words((*before, prompt), Choices() as hung):
                texts += [*ending.paragraphs, *before, *_requested(ending)]
                ending = Words((prompt,), _joined(ending.choices, hung))
            case Venue(choices=Choices() as hung):
                texts += [*ending.paragraphs, *_requested(ending)]
                ending = Words((Say(phrases.pick_a_number),), _joined(ending.choices, hung))
            case Words(paragraphs, ask_location=label):
                texts += paragraphs
                if label and ending.choices is not None:
                    texts += _requested(one)
                elif label:
                    ending = replace(ending, ask_location=label)
            case Venue():
                pass  # shows what the words say
            case Article() | Document():
                lost = True
    whole = replace(ending, paragraphs=(*texts, *ending.paragraphs))
    if whole.paragraphs and not lost and _fits(whole, abilities):
        return [*kept, whole]
    mark = Say(phrases.cut_short)
    ending = replace(ending, paragraphs=(mark, *ending.paragraphs))
    if not _fits(ending, abilities):
        ending = replace(ending, paragraphs=(mark,))
    return [*kept, _fill(texts, ending, abilities)]


def _requested(words: Words) -> tuple[Say, ...]:
    """The label of its request for a location as words, unless they are there already."""
    label = Say(words.ask_location)
    return () if not label.text or label in words.paragraphs else (label,)


def _joined(before: Choices | None, hung: Choices) -> Choices:
    """Both sets under one message: their numbers run on. Buttons and numbers cannot be mixed."""
    if before is None or not (before.numbered and hung.numbered):
        return hung
    return replace(before, rows=before.rows + hung.rows)


def _fill(texts: list[Say], ending: Words, abilities: Abilities) -> Words:
    """The ending, and before it as many of the words as leave room for it, cut at a line end."""
    filled = ending
    kept: tuple[Say, ...] = ()
    for say in texts:
        text, links = say.text, say.links
        while True:
            longer = replace(ending, paragraphs=(*kept, Say(text, links), *ending.paragraphs))
            if _fits(longer, abilities):
                break
            links = ()
            text = text.rpartition("\n")[0] or text[: len(text) * 9 // 10]
            if not text:
                return filled
        filled, kept = longer, (*kept, Say(text, links))
        if kept[-1] != say:
            break
    return filled


def _size(text: str) -> int:
    return len(text.encode())
