"""Private chats of the fake Bot API: the updates they cause and the methods that write to them.

What is refused here is what the real one refuses (https://core.telegram.org/bots/api).
"""

from collections import defaultdict
from itertools import count

from bot.common.clock import Clock
from tests.support.fakes.telegram_calls import ApiError, Params, Upload

BOT = {"id": 4242, "is_bot": True, "first_name": "yizhan", "username": "yizhan_test_bot"}


class TelegramChats:
    """`messages`: what each chat shows. A method of the Bot API is a `_do_` method here."""

    def __init__(self, clock: Clock) -> None:
        self.messages: dict[int, list[Params]] = defaultdict(list)
        self.uploads: list[Upload] = []
        self._clock = clock
        self._numbers = count(700_000_001)
        self._ids = count(1)
        self._blocked: set[int] = set()
        self._queries: set[str] = set()
        self._keyboards: dict[int, list[list[Params]]] = {}

    def labels(self, chat: int) -> list[str]:
        """Every inline button that a chat shows, the oldest first."""
        return [
            button["text"]
            for message in self.messages[chat]
            for row in message.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
        ]

    def message(self, chat: int, content: Params, language: str = "zh-hans") -> Params:
        """A `message` update of a private chat."""
        said = {
            "message_id": next(self._ids),
            "date": self._now(),
            "chat": self._chat(chat),
            "from": {**self._user(chat), "language_code": language},
            **content,
        }
        return {"update_id": next(self._numbers), "message": said}

    def query(self, chat: int, data: str, message: Params | None = None) -> Params:
        """A `callback_query` update: a press of an inline button."""
        query = f"{next(self._ids)}00042"
        self._queries.add(query)
        shown = message or {"message_id": 1, "date": 0, "chat": self._chat(chat)}
        press = {
            "id": query,
            "from": {**self._user(chat), "language_code": "zh-hans"},
            "message": shown,
            "chat_instance": f"{chat}77",
            "data": data,
        }
        return {"update_id": next(self._numbers), "callback_query": press}

    def _member(self, chat: int, old: str, new: str) -> Params:
        change = {
            "chat": self._chat(chat),
            "from": {**self._user(chat), "language_code": "zh-hans"},
            "date": self._now(),
            "old_chat_member": {"user": BOT, "status": old, "until_date": 0},
            "new_chat_member": {"user": BOT, "status": new, "until_date": 0},
        }
        return {"update_id": next(self._numbers), "my_chat_member": change}

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def _chat(self, chat: int) -> Params:
        return {"id": chat, "type": "private", "first_name": f"courier {chat}"}

    def _user(self, chat: int) -> Params:
        return {"id": chat, "is_bot": False, "first_name": f"courier {chat}"}

    def _do_sendMessage(self, params: Params) -> Params:  # noqa: N802
        text = params.get("text", "").strip()
        if not text:
            raise ApiError(400, "Bad Request: message text is empty")
        if len(text) > 4096:
            raise ApiError(400, "Bad Request: message is too long")
        length = len(text.encode("utf-16-le")) // 2
        for entity in params.get("entities", []):
            if not (0 <= entity["offset"] < entity["offset"] + entity["length"] <= length):
                raise ApiError(400, "Bad Request: entity lies outside of the text")
        return self._show(params, {"text": text, "entities": params.get("entities", [])})

    def _do_sendVenue(self, params: Params) -> Params:  # noqa: N802
        lat, lon = params["latitude"], params["longitude"]
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise ApiError(400, "Bad Request: wrong latitude or longitude")
        if not (params.get("title") and params.get("address")):
            raise ApiError(400, "Bad Request: venue title and address must be non-empty")
        place = {"latitude": lat, "longitude": lon}
        venue = {"location": place, "title": params["title"], "address": params["address"]}
        return self._show(params, {"venue": venue, "location": place})

    def _do_sendDocument(self, params: Params) -> Params:  # noqa: N802
        file = params.get("document")
        if not isinstance(file, Upload) or not file.content:
            raise ApiError(400, "Bad Request: file must be non-empty")
        about = {"file_id": f"F{next(self._ids)}", "file_unique_id": f"U{next(self._ids)}",
                 "file_name": file.name, "mime_type": file.media_type}  # fmt: skip
        shown = self._show(params, {"document": about})
        self.uploads.append(file)
        return shown

    def _do_sendPhoto(self, params: Params) -> Params:  # noqa: N802
        file = params.get("photo")
        if not isinstance(file, Upload) or not file.content:
            raise ApiError(400, "Bad Request: there is no photo in the request")
        if not file.content.startswith(b"\xff\xd8\xff"):
            raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        size = {"file_id": f"F{next(self._ids)}", "file_unique_id": f"U{next(self._ids)}",
                "width": 90, "height": 90}  # fmt: skip
        shown = self._show(params, {"photo": [size]})
        self.uploads.append(file)
        return shown

    def _do_sendChatAction(self, params: Params) -> bool:  # noqa: N802
        return True

    def _do_answerCallbackQuery(self, params: Params) -> bool:  # noqa: N802
        if params.get("callback_query_id") not in self._queries:
            raise ApiError(400, "Bad Request: query is too old and response timeout expired or "
                                "query ID is invalid")  # fmt: skip
        return True

    def _do_setMyCommands(self, params: Params) -> bool:  # noqa: N802
        for command in params["commands"]:
            name, words = command["command"], command["description"]
            if not (1 <= len(name) <= 32 and name.islower() and 1 <= len(words) <= 256):
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
        return True

    def _do_setMyDescription(self, params: Params) -> bool:  # noqa: N802
        if len(params.get("description", "")) > 512:
            raise ApiError(400, "Bad Request: description is too long")
        return True

    def _do_setMyShortDescription(self, params: Params) -> bool:  # noqa: N802
        if len(params.get("short_description", "")) > 120:
            raise ApiError(400, "Bad Request: short description is too long")
        return True

    def _show(self, params: Params, content: Params) -> Params:
        chat = params.get("chat_id")
        if not isinstance(chat, int) or chat not in self.messages:
            raise ApiError(400, "Bad Request: chat not found")
        if chat in self._blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        markup = params.get("reply_markup") or {}
        for row in markup.get("inline_keyboard", []):
            for button in row:
                if not button["text"].strip():
                    raise ApiError(400, "Bad Request: text buttons are unallowed to be empty")
                if not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
        shown = {"message_id": next(self._ids), "date": self._now(), "from": BOT,
                 "chat": self._chat(chat), **content}  # fmt: skip
        if "inline_keyboard" in markup:
            shown["reply_markup"] = markup
        if "keyboard" in markup:
            self._keyboards[chat] = markup["keyboard"]
        self.messages[chat].append(shown)
        return shown
