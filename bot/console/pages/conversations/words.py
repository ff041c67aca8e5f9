"""Words for conversations, used by their pages."""

from datetime import datetime, timedelta

from bot.common.i18n import Translator
from bot.services.conversations.queue import Tab
from bot.services.conversations.statuses import ClosedBy, PersonReason, PersonStatus


def tab_name(t: Translator, tab: Tab) -> str:
    """The heading of a list."""
    match tab:
        case Tab.WAITING:
            return t("waiting")
        case Tab.MINE:
            return t("mine")
        case Tab.OTHERS:
            return t("of colleagues")
        case Tab.CLOSED:
            return t("ended conversations")


def reason_name(t: Translator, reason: PersonReason) -> str:
    """Why a courier asked for a person."""
    match reason:
        case PersonReason.ASKED:
            return t("asked for a person")
        case PersonReason.COMPLAINT:
            return t("complaint")
        case PersonReason.MESSAGE:
            return t("left a message")


def closed_name(t: Translator, by: ClosedBy) -> str:
    """What ended a conversation."""
    match by:
        case ClosedBy.OPERATOR:
            return t("ended by the operator")
        case ClosedBy.COURIER:
            return t("ended by the courier")
        case ClosedBy.SILENCE:
            return t("ended by itself: nobody wrote any more")
        case ClosedBy.NOBODY:
            return t("ended by itself: nobody took it")


def conflict(t: Translator, status: PersonStatus, operator: str, *, is_take: bool) -> str:
    """What to say where somebody was faster; `is_take`: it was to be taken, not answered."""
    match status:
        case PersonStatus.TAKEN if is_take:
            return t("{name} was faster and has taken this conversation.", name=operator)
        case PersonStatus.CLOSED if is_take:
            return t("This conversation has ended meanwhile.")
        case PersonStatus.WAITING:
            return t("This courier waits in the queue again. Take the conversation first.")
        case PersonStatus.TAKEN:
            return t("{name} has this conversation now. Nothing was sent.", name=operator)
        case PersonStatus.CLOSED:
            return t("This conversation has ended meanwhile. Nothing was sent.")


def lasted(t: Translator, time: timedelta) -> str:
    """A time in one unit: `40 s`, `5 min`, `3 h`, `2 days`."""
    seconds = max(0, round(time.total_seconds()))
    if seconds < 60:
        return t("{n} s", n=seconds)
    if seconds < 3600:
        return t("{n} min", n=seconds // 60)
    if seconds < 2 * 86400:
        return t("{n} h", n=seconds // 3600)
    return t("{n} days", n=seconds // 86400)


def since(t: Translator, at: datetime, now: datetime) -> str:
    """How long ago it was, in one unit."""
    return lasted(t, now - at)
