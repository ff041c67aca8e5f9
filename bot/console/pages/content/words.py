"""What the pages of content share: tabs, kinds and states in words."""

from bot.common.i18n import Translator
from bot.console.visits import Visit
from bot.services.content.catalogue import ContentKind
from bot.services.content.listing import State


def tabs(visit: Visit) -> list[tuple[str, str, bool]]:
    """Address, label, and whether it is this page."""
    t, here = visit.t, visit.request.url.path
    pages = (
        ("/content", t("Content")),
        ("/content/import", t("Import files")),
        ("/content/lessons", t("How lessons are taken")),
    )
    current = max((one for one, _ in pages if here == one or here.startswith(f"{one}/")), key=len)
    return [(address, label, address == current) for address, label in pages]


def kind_name(t: Translator, kind: ContentKind) -> str:
    """A kind of content in words."""
    match kind:
        case ContentKind.ARTICLE:
            return t("article")
        case ContentKind.LESSON:
            return t("micro lesson")
        case ContentKind.TOPIC:
            return t("topic")
        case ContentKind.WARNING:
            return t("warning against fraud")


def state_name(t: Translator, state: State) -> str:
    """A state of content in words."""
    match state:
        case State.SERVED:
            return t("in force")
        case State.PLANNED:
            return t("not yet in force")
        case State.EXPIRED:
            return t("expired")
        case State.OVERDUE:
            return t("review overdue")
        case State.SAMPLE:
            return t("sample")


def state_look(state: State) -> str:
    """The class of its tag."""
    match state:
        case State.SERVED:
            return "good"
        case State.OVERDUE | State.EXPIRED:
            return "bad"
        case State.PLANNED:
            return "warn"
        case State.SAMPLE:
            return ""
