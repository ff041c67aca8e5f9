"""A member of a team answers with the code that the leader handed over: DUI-…, or a link with it.

```mermaid
stateDiagram-v2
    [*] --> elsewhere: what is written here leaves the country
    [*] --> invited: DUI-…, a link
    invited --> who: 我去, phone unknown
    invited --> accepted: 我去
    invited --> declined: 我不去
    who --> accepted: 同意并报名
    declined --> accepted: the code once more
```
"""

from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.conversation.context import Context, StaleButtonError
from bot.conversation.replies import Buttons, Reply, Say
from bot.handlers.abroad import team_answer_elsewhere
from bot.handlers.feature import Feature
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.navigation import training_with_id
from bot.handlers.trainings.sign_up_outcomes import AskIdentity
from bot.handlers.trainings.sign_up_replies import SignUpReplies
from bot.handlers.trainings.sign_up_steps import SignUpSteps, admit_team_code
from bot.handlers.trainings.teams import wording as team_wording
from bot.services.couriers.profiles import Profiles
from bot.services.trainings.invitations import Invitations
from bot.services.trainings.teams import ALPHABET, CODE_LENGTH

LETTER: Final = f"[{ALPHABET.lower()}]"
CODE: Final = LazyPattern(rf"dui[- ]?({LETTER}{{{CODE_LENGTH}}}|{LETTER}{{6}})")
"""A member's code, or the shorter one that a whole team had in an earlier version."""


class InvitationHandlers:
    """All answers to members of teams."""

    def __init__(
        self,
        invitations: Invitations,
        profiles: Profiles,
        sign_up: SignUpSteps,
        replies: SignUpReplies,
    ) -> None:
        self._invitations = invitations
        self._profiles = profiles
        self._sign_up = sign_up
        self._replies = replies

    def feature(self) -> Feature:
        """Its buttons, and the code in a message or a link."""
        return Feature(
            actions={"training.team.join": self.join, "training.team.decline": self.decline},
            code_patterns={CODE: self.invited},
            arrivals={"tm": self.invited},
        )

    async def invited(self, ctx: Context) -> Reply:
        """A member sent the code: shows the training and asks whether they come."""
        if ctx.abroad:
            return self._elsewhere(ctx)
        code = _code(ctx)
        training_id = await self._find_training(ctx, code)
        if training_id is None:
            return await self._unknown(ctx, code)
        training = await training_with_id(ctx, training_id)
        part = wording.details(ctx.t, training, None, ctx.now)
        decides = await self._invitations.decides_for_all(ctx.db, code, ctx.now)
        return Reply((part, team_wording.invitation(ctx.t, code, decides_for_all=decides)))

    async def join(self, ctx: Context) -> Reply:
        """我去: with the code and the phone that the leader wrote down."""
        if ctx.abroad:
            return self._elsewhere(ctx)
        code = _code(ctx)
        training_id = await self._find_training(ctx, code)
        if training_id is None:
            return await self._unknown(ctx, code)
        training = await training_with_id(ctx, training_id)
        if not (await self._profiles.read(ctx.db, ctx.courier.id)).phone:
            first = ctx.t("So that I find you on the list:")
            asked = AskIdentity(training, code, introduction=first)
            return await self._replies.render(ctx, asked)
        return await self._replies.render(ctx, await self._sign_up.enrol(ctx, training, code))

    async def decline(self, ctx: Context) -> Reply:
        """我不去: the seats of a team of all or nobody are given back."""
        if ctx.abroad:
            return self._elsewhere(ctx)
        code = _code(ctx)
        if await self._find_training(ctx, code) is None:
            raise StaleButtonError
        await self._invitations.decline(ctx.db, code, ctx.courier.id, ctx.now)
        return Reply((Say(ctx.t("All right, you do not come along.")), _onwards(ctx)))

    async def _find_training(self, ctx: Context, code: str) -> int | None:
        """None for an unknown code, which is counted. Raises `TrainingRefused` after too many."""
        charged = await admit_team_code(ctx, self._profiles)
        return await self._invitations.find_training(ctx.db, code, charged, ctx.now)

    async def _unknown(self, ctx: Context, code: str) -> Reply:
        if await self._invitations.is_code_of_team(ctx.db, code):
            said = ctx.t("Each of you has a code of your own now. Ask your leader for yours.")
        else:
            said = ctx.t("That team code is not known. Ask your leader to check it.")
        return Reply((Say(said), _onwards(ctx)))

    def _elsewhere(self, ctx: Context) -> Reply:
        return Reply((team_answer_elsewhere(ctx.t, self._replies.public_url), _onwards(ctx)))


def _code(ctx: Context) -> str:
    return (ctx.args[0] if ctx.args else "").upper().removeprefix("DUI-")


def _onwards(ctx: Context) -> Buttons:
    return Buttons(((navigation.to_trainings(ctx.t), navigation.to_start(ctx.t)),), "")
