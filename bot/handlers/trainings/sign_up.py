"""报名: registers at once when name and phone are known, else asks for them and for consent.

```mermaid
stateDiagram-v2
    [*] --> asked: 报名, name and phone unknown
    [*] --> registered: 报名, known
    [*] --> member: for one firm or league, and not known to be of it
    member --> asked: 在
    member --> [*]: 不在, another firm
    [*] --> elsewhere: unknown, and what is written here leaves the country
    [*] --> consent: both typed already (sign_up_text)
    asked --> asked: no phone in it, or no name (taken when it is sent again)
    asked --> consent: name and phone typed
    consent --> consent: typed again
    consent --> registered: 同意并报名, or a yes in words
    asked --> [*]: 返回, 取消, 不报了, or surely something else
    consent --> [*]: the same
```

The steps are decided in `sign_up_steps` and worded in `sign_up_replies`. Name and phone are in
`then` (sealed) until the courier agrees, then in their sealed profile.
"""

from collections.abc import Awaitable, Callable, Sequence

from bot.conversation.context import Context
from bot.conversation.replies import Reply
from bot.handlers.feature import Feature
from bot.handlers.trainings.navigation import training_with_id
from bot.handlers.trainings.sign_up_outcomes import AskIdentity, NotAMember
from bot.handlers.trainings.sign_up_replies import SignUpReplies
from bot.handlers.trainings.sign_up_steps import SignUpSteps, invitation_of
from bot.services.trainings.catalogue import Training

Find = Callable[[Context, str, Sequence[Training]], Awaitable[list[Training]]]
MAX_CHOICES = 6


class SignUpHandlers:
    """The buttons and the step of sign-up."""

    def __init__(self, steps: SignUpSteps, replies: SignUpReplies) -> None:
        self._steps = steps
        self._replies = replies

    def feature(self) -> Feature:
        """Its buttons and its step."""
        return Feature(
            actions={
                "training.register": self.register,
                "training.who": self.ask_identity,
                "training.agree": self.agree,
                "training.belong": self.confirm_membership,
                "training.not_member": self.deny_membership,
            },
            steps={
                "training.who": self.receive_identity,
                "training.belong": self.receive_membership,
            },
            resumes={
                "training.who": self.ask_again,
                "training.belong": self.ask_membership_again,
            },
        )

    async def register(self, ctx: Context) -> Reply:
        """报名 for the training of the button."""
        training = await training_with_id(ctx, ctx.number(0))
        outcome = await self._steps.request_registration(ctx, training)
        return await self._replies.render(ctx, outcome)

    async def ask_identity(self, ctx: Context) -> Reply:
        """填错了: name and phone again."""
        training = await training_with_id(ctx, ctx.number(0))
        outcome = AskIdentity(training, invitation_of(ctx, training))
        return await self._replies.render(ctx, outcome)

    async def receive_identity(self, ctx: Context) -> Reply:
        """What was typed at the question for name and phone."""
        training = await training_with_id(ctx, ctx.data.get("training"))
        outcome = await self._steps.receive_identity(ctx, training)
        return await self._replies.render(ctx, outcome)

    async def ask_again(self, ctx: Context) -> Reply:
        """The open question once more, with what was typed so far."""
        training = await training_with_id(ctx, ctx.data.get("training"))
        outcome = self._steps.open_question(ctx, training)
        return await self._replies.render(ctx, outcome)

    async def agree(self, ctx: Context) -> Reply:
        """同意并报名."""
        training = await training_with_id(ctx, ctx.number(0))
        outcome = await self._steps.agree(ctx, training)
        return await self._replies.render(ctx, outcome)

    async def confirm_membership(self, ctx: Context) -> Reply:
        """是: of the firm or league that the training is for."""
        training = await training_with_id(ctx, ctx.number(0))
        outcome = await self._steps.confirm_membership(ctx, training)
        return await self._replies.render(ctx, outcome)

    async def ask_membership_again(self, ctx: Context) -> Reply:
        """The question for firm or league once more, or what follows if it is answered by now."""
        training = await training_with_id(ctx, ctx.data.get("training"))
        outcome = await self._steps.request_registration(ctx, training)
        return await self._replies.render(ctx, outcome)

    async def deny_membership(self, ctx: Context) -> Reply:
        """不在: why this training cannot be theirs."""
        training = await training_with_id(ctx, ctx.number(0))
        return await self._replies.render(ctx, NotAMember(training))

    async def receive_membership(self, ctx: Context) -> Reply:
        """What was typed at the question for firm or league."""
        training = await training_with_id(ctx, ctx.data.get("training"))
        outcome = await self._steps.receive_membership(ctx, training)
        return await self._replies.render(ctx, outcome)
