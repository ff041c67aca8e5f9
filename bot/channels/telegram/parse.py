"""One update of the Bot API as an `Event`: a pure function over the JSON dictionary.

`telegram.Update.de_json` would build an object for every nested field (85 µs, where a dozen are
needed) and fails as a whole on a field that a newer Bot API has changed. Each type is checked
where it is used instead.

Only private chats are read: a location or an application's state must not be answered before a
group, which is told so once (`asking_group`). Words that were edited are read again: a courier who
mends a slip waits for an answer. https://core.telegram.org/bots/api#update
"""

import re
from datetime import UTC, datetime
from typing import Any

from bot.channels.telegram.abilities import NAME
from bot.conversation.events import (
    Address,
    ChatLeft,
    ChatOpened,
    Content,
    Event,
    Location,
    Other,
    Press,
    Text,
    Voice,
)
from bot.geo.point import Point

COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]+)?(?:\s+(.*))?", re.DOTALL)
CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")  # what t.me/bot?start= may carry
LANGUAGE = re.compile(r"[A-Za-z0-9-]{2,35}")
KINDS = {
    "photo": "image",
    "sticker": "sticker",
    "animation": "sticker",
    "dice": "sticker",
    "document": "file",
    "audio": "file",
    "video": "file",
    "video_note": "file",
    "contact": "file",
    "poll": "file",
    "story": "file",
}


def parse(update: Any, now: datetime) -> Event | None:
    """The event, or None where there is nothing to answer: groups, service messages, and edits of
    anything but words, such as the next step of a live location.

    `at` is the time that Telegram gives, at most `now`. Raises `ValueError` for anything else
    than an update.
    """
    match update:
        case {"update_id": int(number)}:
            pass
        case _:
            raise ValueError("an update has an update_id")
    match update:
        case {"message": {"chat": {"id": int(chat), "type": "private"}} as message}:
            content, author, at = _message(message), message.get("from"), message.get("date")
        case {
            "edited_message": {
                "chat": {"id": int(chat), "type": "private"},
                "text": str(),
            } as message
        }:
            content, author = _message(message), message.get("from")
            at = message.get("edit_date")
        case {
            "callback_query": {
                "message": {"chat": {"id": int(chat), "type": "private"}},
                "data": str(data),
            } as query
        }:
            content, author, at = Press(_clean(data)), query.get("from"), None
        case {
            "my_chat_member": {
                "chat": {"id": int(chat), "type": "private"},
                "new_chat_member": {"status": str(status)},
            } as change
        }:
            content, author, at = _membership(status), change.get("from"), change.get("date")
        case _:
            return None
    if content is None:
        return None
    sender = Address(NAME, str(chat))
    return Event(str(number), sender, _time(at, now), content, _language(author))


def chat_of(update: Any) -> int | None:
    """The chat an update belongs to, within which order matters."""
    match update:
        case (
            {"message": {"chat": {"id": int(chat)}}}
            | {"edited_message": {"chat": {"id": int(chat)}}}
            | {"callback_query": {"message": {"chat": {"id": int(chat)}}}}
            | {"my_chat_member": {"chat": {"id": int(chat)}}}
        ):
            return chat
        case _:
            return None


def asking_group(update: Any) -> tuple[int, str | None] | None:
    """The group that a bot was added to or that sent it a command, and the sender's language."""
    match update:
        case {
            "message": {
                "chat": {"id": int(chat), "type": "group" | "supergroup"},
                "text": str(text),
            } as message
        } if text.startswith("/"):
            return chat, _language(message.get("from"))
        case {
            "my_chat_member": {
                "chat": {"id": int(chat), "type": "group" | "supergroup"},
                "old_chat_member": {"status": "left" | "kicked"},
                "new_chat_member": {"status": "member" | "administrator"},
            } as change
        }:
            return chat, _language(change.get("from"))
        case _:
            return None


def query_of(update: Any) -> str | None:
    """The id of the callback query, whose button shows a loading sign until it is answered."""
    match update:
        case {"callback_query": {"id": str(query)}}:
            return query
        case _:
            return None


def _message(message: dict[str, Any]) -> Content | None:
    match message:
        case {"text": str(text)}:
            return _command_or_text(_clean(text))
        case {"location": place} | {"venue": {"location": place}}:
            return _location(place)
        case {"voice": _}:
            return Voice(transcribed_by_app=False)
        case {"photo": _, "caption": str(caption)} | {"video": _, "caption": str(caption)}:
            return Text(_clean(caption))  # 门锁着 below a picture of the door
        case _:
            return next((Other(kind) for field, kind in KINDS.items() if field in message), None)


def _command_or_text(text: str) -> Content:
    command = COMMAND.fullmatch(text.strip())
    if command is None:
        return Text(text)
    name, rest = command[1], (command[2] or "").strip()
    if name.lower() == "start":
        return ChatOpened(rest if CODE.fullmatch(rest) else "")
    return Text(f"/{name} {rest}".rstrip())  # without the @bot that a menu may add


def _location(place: Any) -> Content:
    match place:
        case {"latitude": int() | float() as lat, "longitude": int() | float() as lon}:
            try:
                return Location(Point(float(lat), float(lon)))
            except (ValueError, OverflowError):
                return Other("bad_location")
        case _:
            return Other("bad_location")


def _membership(status: str) -> Content | None:
    """A private chat's bot is `kicked` when it is blocked and `member` when it is unblocked.

    The client's “Restart” unblocks it and then sends `/start`, which is greeted.
    """
    match status:
        case "kicked" | "left":
            return ChatLeft()
        case "member":
            return ChatOpened(again=True)
        case _:
            return None


def _clean(text: str) -> str:
    """Text that any database and encoder accepts: no NUL, no lone surrogate."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\ufffd")


def _time(stamp: Any, now: datetime) -> datetime:
    if not isinstance(stamp, int) or stamp <= 0:
        return now
    try:
        return min(datetime.fromtimestamp(stamp, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now


def _language(author: Any) -> str | None:
    match author:
        case {"language_code": str(code)} if LANGUAGE.fullmatch(code):
            return code
        case _:
            return None
