"""What the handlers of trainings share: the training that a button names, and links to lists."""

from bot.common.i18n import Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Json
from bot.handlers import content_text
from bot.services.content.weekly import next_lesson
from bot.services.trainings import catalogue
from bot.services.trainings.catalogue import Training


async def training_with_id(ctx: Context, training_id: Json) -> Training:
    """The training with an id that a button or `then` carried. Raises `StaleButtonError`."""
    training = None
    if isinstance(training_id, int):
        training = await catalogue.get_training(ctx.db, training_id)
    if training is None:
        raise StaleButtonError
    return training


async def lessons_now(ctx: Context, *, demo: bool) -> tuple[str, tuple[Button, ...]]:
    """A line and buttons for the lessons that can be taken at once; empty without any."""
    t, league = ctx.t, await catalogue.home_league(ctx.db, ctx.courier.id)
    item = await next_lesson(ctx.db, ctx.courier.id, t.locale, league, ctx.now, demo=demo)
    if item is None:
        return "", ()
    title = content_text.title(t, item)
    line = t("Or learn now, in the chat: {title} ({n} min)", title=title, n=item.minutes)
    now = Button(t("Learn now ({n} min)", n=item.minutes), f"lesson.start:{item.code}")
    return line, (now, Button(t("All lessons"), "lesson.list"))


def to_my_trainings(t: Translator) -> Button:
    """Leads to the courier's own registrations."""
    return Button(t("My trainings"), "training.mine")


def to_trainings(t: Translator) -> Button:
    """Leads to the list of trainings."""
    return Button(t("Trainings"), "training.list")


def to_stamps(t: Translator) -> Button:
    """Leads to the stamps of attended trainings."""
    return Button(t("My stamps"), "training.stamps")


def to_start(t: Translator) -> Button:
    """Leads back to the main menu."""
    return Button(t("Back"), "start")


def accept_or_decline(t: Translator, training_id: int) -> tuple[Button, Button]:
    """The two answers to the offer of a seat."""
    return (
        Button(t("Take the seat"), f"training.accept:{training_id}"),
        Button(t("Pass it on"), f"training.pass:{training_id}"),
    )
