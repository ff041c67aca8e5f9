"""What a chat remembers between two messages, as its row keeps it: sealed."""

from datetime import datetime, timedelta

from bot.conversation.codec import dump_buttons, dump_json, load_buttons, load_json
from bot.conversation.replies import Button, Reply, Then, choices
from bot.conversation.router import Memory
from bot.store.encryption import CannotOpenError, Keyring

STATE = "chat.state"
PUSHED = "chat.pushed"
LONG_AGO = timedelta(days=7)
"""After so long a courier no longer expects an interrupted flow to go on."""
FORGOTTEN = "-"
"""Stands for a step of which nothing is known but that there was one."""


def seal_state(keys: Keyring, reply: Reply) -> bytes:
    """The choices of an answer and what comes after it."""
    then = reply.then or Then("")
    state = dump_json([dump_buttons(choices(reply)), then.step or None, then.data])
    return keys.seal(state, STATE)


def seal_pushed(keys: Keyring, reply: Reply) -> bytes | None:
    """The choices of a notice; None where it has none."""
    offered = choices(reply)
    return keys.seal(dump_json(dump_buttons(offered)), PUSHED) if offered else None


def recall(
    keys: Keyring,
    state: tuple[bytes | None, bool, datetime],
    pushed: tuple[bytes | None, datetime | None],
    now: datetime,
) -> Memory:
    """The memory of a row's `state, awaits, state_at` and `pushed, pushed_at`.

    What was sealed with a key that is gone for good is forgotten.
    """
    sealed, awaited, at = state
    offered, offered_at = _pushed(keys, pushed[0]), pushed[1]
    if sealed is None:
        step = FORGOTTEN if awaited and now - at <= LONG_AGO else None
        return Memory(step=step, at=at, pushed=offered, pushed_at=offered_at)
    try:
        shown, step, data = load_json(keys.open(sealed, STATE))
    except CannotOpenError:
        return Memory(at=at, pushed=offered, pushed_at=offered_at)
    return Memory(load_buttons(shown), step, data, at, offered, offered_at)


def _pushed(keys: Keyring, sealed: bytes | None) -> tuple[Button, ...]:
    try:
        return load_buttons(load_json(keys.open(sealed, PUSHED))) if sealed else ()
    except CannotOpenError:
        return ()
