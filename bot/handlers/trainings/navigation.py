"""What the handlers of trainings share: the training that a button names, and links to lists."""

from bot.common.i18n import Translator
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Button, Json
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
