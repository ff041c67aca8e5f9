"""What the pages of cards share: tabs, reasons to reveal, stages in words."""

from datetime import datetime

from starlette.responses import Response

from bot.common.i18n import Translator
from bot.common.values import value
from bot.console.pages.numbers import row_number
from bot.console.visits import NotThere, Visit
from bot.handlers.cards import wording
from bot.services.card_administration import long_work
from bot.services.card_administration.requests import RevealReason
from bot.services.cards.record_parser import read_moment
from bot.services.cards.statuses import CardStatus
from bot.services.storage import address_of


@value
class Tab:
    """One of the pages of cards."""

    address: str
    label: str
    is_current: bool


def tabs(visit: Visit) -> list[Tab]:
    """The pages that this operator sees; lists and labels are of the whole region."""
    t = visit.t
    pages = [("/cards", t("Pre-applications")), ("/cards/late", t("Overdue"))]
    if not visit.operator.leagues:
        pages += [("/cards/lists", t("Import a list")), ("/cards/labels", t("Bank's labels"))]
    pages.append(("/cards/pushes", t("Pushes of the bank")))
    here = visit.request.url.path
    current = max(
        (one for one, _ in pages if here == one or here.startswith(f"{one}/")), key=len, default=""
    )
    return [Tab(address, label, address == current) for address, label in pages]


def number_of(visit: Visit) -> int:
    """The row of the address. Raises `NotThere`."""
    number = row_number(visit.path("number"))
    if number is None:
        raise NotThere
    return number


def stage_name(visit: Visit, status: CardStatus) -> str:
    """A stage as couriers read it."""
    if status is CardStatus.UNKNOWN:
        return visit.t("not known")
    return wording.status(visit.bot_words, status, "")


def reasons(t: Translator) -> list[tuple[str, str]]:
    """Why somebody needs whole values, in words."""
    return [(one.value, reason_name(t, one)) for one in RevealReason]


def reason_name(t: Translator, reason: RevealReason) -> str:
    """One of the reasons in words."""
    match reason:
        case RevealReason.CALL:
            return t("the courier calls or is at the counter")
        case RevealReason.OUTLET:
            return t("the outlet asks")
        case RevealReason.CORRECT:
            return t("something in it is wrong")
        case RevealReason.COMPLAINT:
            return t("a complaint is looked into")


def given_reason(visit: Visit) -> RevealReason | None:
    """The reason of the form, None where none was chosen."""
    given = visit.field("reason")
    return RevealReason(given) if given in set(RevealReason) else None


def moment_of_list(visit: Visit) -> datetime | None:
    """The moment that a list describes: that of the form, now where none is given; None for one
    that lies ahead."""
    given = visit.field("as_of").replace("T", " ")
    moment = read_moment(given) if given else visit.now
    return moment if moment is not None and moment <= visit.now else None


async def compared(visit: Visit, name: str, data: bytes, as_of: datetime) -> int:
    """Compares a list in a process of its own; its number. Raises `FileRefused`, `NotAllowed`."""
    parts = visit.parts
    number: int = await parts.work(
        long_work.add, address_of(parts.store), parts.keys, visit.operator, name, data, as_of,
        visit.now,
    )  # fmt: skip
    return number


def still_compared(visit: Visit) -> Response:
    """303 to the lists, of which a long one will be one once it is compared."""
    said = visit.t("The list is long. It appears here once it is compared; load again in a minute.")
    return visit.redirect("/cards/lists", said)
