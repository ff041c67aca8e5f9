"""What a conversation is about, kept over answers that do not mention it, such as a place."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.conversation.replies import Reply, Then
from bot.conversation.router import MEMORY, Memory

ABOUT: Final = "about"
"""The entry of a `Then` that outlives answers and steps which do not speak of it."""

_SINCE: Final = "since"


def recent(memory: Memory, now: datetime) -> Memory:
    """The memory without what was carried along for more than a day."""
    since = _since(memory)
    if since is None or now - since <= MEMORY:
        return memory
    return replace(memory, data={key: memory.data[key] for key in memory.data.keys() - {ABOUT}})


def carried(reply: Reply, memory: Memory) -> Reply:
    """The reply with what the chat was about before, where it does not say itself."""
    about, since = memory.data.get(ABOUT), _since(memory)
    then = reply.then or Then("")
    if ABOUT in then.data or not isinstance(about, dict) or since is None:
        return reply
    data = {**then.data, ABOUT: {**about, _SINCE: since.isoformat()}}
    return replace(reply, then=replace(then, data=data))


def _since(memory: Memory) -> datetime | None:
    about = memory.data.get(ABOUT)
    since = about.get(_SINCE) if isinstance(about, dict) else None
    return datetime.fromisoformat(since) if isinstance(since, str) else memory.at
