"""Template messages and 订阅通知, which may be sent when the customer-message window is over.

Set as JSON, by kind of notice:

    {"training.reminder": {"id": "…", "api": "subscribe", "url": "https://…",
                           "data": {"thing1": "{1}", "thing2": "请点开看"}}}

`{1}` is the first line of the notice's text, `{2}` the second …; each field is cut to what
its kind may hold, or the platform refuses the whole (47003). `api` is `template` or `subscribe`.
"""

import json
import re
from collections.abc import Mapping
from typing import Literal

from bot.common.values import value
from bot.conversation.replies import Json

LENGTHS = {  # characters by the field's kind; 20 for all others
    "character_string": 32, "letter": 32, "number": 32, "time": 32, "date": 32,
    "phone_number": 17, "amount": 15, "name": 10, "phrase": 5, "short_thing": 5, "symbol": 5,
}  # fmt: skip
MOST = 20
FIELD = re.compile(r"([a-z_]+?)\d*(?:\.DATA)?")
LINE = re.compile(r"\{(\d{1,2})\}")


@value
class Template:
    """One template of the account, and which line of a notice fills which field."""

    id: str
    api: Literal["template", "subscribe"]
    data: Mapping[str, str]
    url: str = ""

    def message(self, to: str, lines: list[str]) -> dict[str, Json]:
        """The parameters of the call."""
        data: dict[str, Json] = {
            name: {"value": _value(name, pattern, lines)} for name, pattern in self.data.items()
        }
        message: dict[str, Json] = {"touser": to, "template_id": self.id, "data": data}
        if self.url:
            message["page" if self.api == "subscribe" else "url"] = self.url
        return message


def parse_templates(text: str) -> dict[str, Template]:
    """The templates by kind of notice. Raises `ValueError` with what is wrong with the text."""
    try:
        raw = json.loads(text or "{}")
    except ValueError:
        raise ValueError("it must be JSON") from None
    if not isinstance(raw, dict):
        raise ValueError("it must be a JSON object of templates by kind of notice")  # noqa: TRY004
    return {kind: _template(kind, value) for kind, value in raw.items()}


def _template(kind: str, value: object) -> Template:
    match value:
        case {"id": str(number), "data": dict(data), **rest} if all(
            isinstance(one, str) for one in data.values()
        ):
            match rest.get("api", "subscribe"), rest.get("url", ""):
                case ("template" | "subscribe") as api, str(url):
                    return Template(number, api, data, url)
                case _:
                    pass
    raise ValueError(f'{kind} needs "id", "data" of texts, and "api" template or subscribe')


def _value(name: str, pattern: str, lines: list[str]) -> str:
    def line(found: re.Match[str]) -> str:
        number = int(found[1])
        return lines[number - 1] if 1 <= number <= len(lines) else ""

    value = LINE.sub(line, pattern)
    kind = FIELD.fullmatch(name)
    most = LENGTHS.get(kind[1], MOST) if kind else MOST
    return value if len(value) <= most else value[: most - 1] + "…"
