"""The states of a broadcast and of its notices in words."""

from bot.common.i18n import Translator
from bot.services.broadcasts.statuses import BroadcastStatus
from bot.services.notifications.statuses import OutboxStatus, Reason


def outcomes(t: Translator) -> dict[OutboxStatus, str]:
    """What became of the notices that need nothing more, in the order in which they are told."""
    return {
        OutboxStatus.SENT: t("arrived at the platform"),
        OutboxStatus.SHOWN: t("shown with their next message"),
        OutboxStatus.HELD: t("waiting for their next message"),
        OutboxStatus.UNKNOWN: t("perhaps arrived; never sent twice"),
        OutboxStatus.DEAD: t("refused by the platform"),
        OutboxStatus.EXPIRED: t("too late"),
        OutboxStatus.CANCELLED: t("taken back"),
    }


def reason_name(reason: Reason, t: Translator) -> str:
    """Why a notice did not arrive, in words."""
    match reason:
        case Reason.UNREACHABLE:
            return t("no chat that can be written to")
        case Reason.LEFT:
            return t("blocked the bot")
        case Reason.WINDOW:
            return t("wrote too long ago to be written to first")
        case Reason.AWAY:
            return t("the page was closed")
        case Reason.QUIET:
            return t("quiet hours to the end")
        case Reason.LATE:
            return t("its time was over")
        case Reason.REFUSED:
            return t("refused by the platform")
        case Reason.MOOT | Reason.CALLED_OFF | Reason.SUPERSEDED:
            return t("called off")
        case Reason.TOPIC:
            return t("switched the topic off meanwhile")
        case Reason.UNKNOWN | Reason.REPEATED:
            return t("perhaps arrived; never sent twice")
        case Reason.UNWORDED:
            return t("its text could not be built; see the log")
        case Reason.NONE:
            return t("no reason is recorded")


def state(status: BroadcastStatus, t: Translator) -> str:
    """A broadcast's state in words."""
    match status:
        case BroadcastStatus.DRAFT:
            return t("a draft")
        case BroadcastStatus.RUNNING:
            return t("running")
        case BroadcastStatus.PAUSED:
            return t("paused")
        case BroadcastStatus.DONE:
            return t("done")
        case BroadcastStatus.CANCELLED:
            return t("cancelled")
