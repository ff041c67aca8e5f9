"""How a refusal is answered, wherever a handler of trainings meets one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from bot.conversation.context import Context, Handler
from bot.conversation.replies import Buttons, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.trainings import navigation, wording
from bot.services.trainings import catalogue
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.statuses import TrainingRefusal

K = TypeVar("K")


def answer_refusals(feature: Feature) -> Feature:
    """The feature whose handlers answer `TrainingRefused` with its reason and where to go next."""
    return replace(
        feature,
        actions=_guarded(feature.actions),
        steps=_guarded(feature.steps),
        resumes=_guarded(feature.resumes),
        intent_handlers=_guarded(feature.intent_handlers),
        code_patterns=_guarded(feature.code_patterns),
        arrivals=_guarded(feature.arrivals),
    )


def _guarded(handlers: Mapping[K, Handler]) -> dict[K, Handler]:
    def guarded(handler: Handler) -> Handler:
        async def answer(ctx: Context) -> Reply:
            try:
                return await handler(ctx)
            except TrainingRefused as refusal:
                return await _refused(ctx, refusal)

        return answer

    return {key: guarded(handler) for key, handler in handlers.items()}


async def _refused(ctx: Context, refusal: TrainingRefused) -> Reply:
    training = None
    if refusal.training_id is not None:
        training = await catalogue.get_training(ctx.db, refusal.training_id)
    t = ctx.t
    said = wording.refusal(t, refusal, training)
    if refusal.reason is TrainingRefusal.NOT_OPEN and training is not None:
        said = wording.check_in_times(t, training, ctx.now)
    row = (navigation.to_my_trainings(t), navigation.to_trainings(t))
    return Reply((Say(said), Buttons((row,), "")))
