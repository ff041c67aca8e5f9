"""How a refused registration or change is answered: the reason, and where to go from there."""

from bot.conversation.context import Context
from bot.conversation.replies import Buttons, Reply, Say
from bot.handlers.trainings import navigation, wording
from bot.services.trainings import catalogue
from bot.services.trainings.catalogue import Training
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.statuses import TrainingRefusal


async def refused(
    ctx: Context, refusal: TrainingRefused, training: Training | None = None
) -> Reply:
    """The reply to a refusal about `training`; an overlap names the other training."""
    if refusal.reason is TrainingRefusal.OVERLAP and refusal.training_id is not None:
        training = await catalogue.get_training(ctx.db, refusal.training_id)
    t = ctx.t
    row = (navigation.to_my_trainings(t), navigation.to_trainings(t))
    return Reply((Say(wording.refusal(t, refusal, training)), Buttons((row,), "")))
