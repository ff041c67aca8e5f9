"""Renders each notification about teams, to leaders and to members."""

from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Reply, Say
from bot.handlers.feature import Feature
from bot.handlers.trainings import navigation, wording
from bot.handlers.trainings.teams import wording as team_wording
from bot.services.notifications.kinds import NoticeKind
from bot.services.trainings import catalogue
from bot.services.trainings.catalogue import Training
from bot.services.trainings.registration_queries import live_registration
from bot.services.trainings.teams import Team, Teams


class TeamNotifications:
    """The renderers, by kind of notification."""

    def __init__(self, teams: Teams) -> None:
        self._teams = teams

    def feature(self) -> Feature:
        """Its renderers."""
        return Feature(
            renderers={
                NoticeKind.TRAINING_TEAM: invited,
                NoticeKind.TRAINING_TEAM_FAILED: self.failed,
                NoticeKind.TRAINING_TEAM_RELEASED: released,
                NoticeKind.TRAINING_MEMBER_LEFT: self.member_left,
            },
            repeats=frozenset(
                {
                    NoticeKind.TRAINING_TEAM_FAILED,
                    NoticeKind.TRAINING_TEAM_RELEASED,
                    NoticeKind.TRAINING_MEMBER_LEFT,
                }
            ),
        )

    async def failed(self, context: NoticeContext) -> Reply | None:
        """Not everybody comes, and the seats are free again; the leader may choose again."""
        training, team = await self._subject(context)
        if training is None or team is None or not team.has_failed:
            return None
        if training.starts_at <= context.now:
            return None
        t = context.t
        lines = [
            t(
                "Your team for {session}: not everybody said yes in time, so its seats are free "
                "again, as you chose “Everybody or nobody”.",
                session=wording.title_and_time(t, training, context.now),
            ),
            *team_wording.answers(t, team),
        ]
        rows = team_wording.again(t, team) if training.is_open(context.now) else ()
        if rows:
            lines.append(t("How shall it go on? The codes stay the same."))
        last = (navigation.to_my_trainings(t),)
        return Reply((Say("\n".join(lines)), Buttons((*rows, last), "")))

    async def member_left(self, context: NoticeContext) -> Reply | None:
        """A member who had accepted has withdrawn."""
        training, team = await self._subject(context)
        if training is None or team is None or training.starts_at <= context.now:
            return None
        t, member = context.t, context.params.get("member")
        label = next((one.label for one in team.members if one.id == member), None)
        about = wording.title_and_time(t, training, context.now)
        if label is None:
            said = t("One of your team no longer comes to {session}.", session=about)
        else:
            said = t("{who} of your team no longer comes to {session}.", who=label, session=about)
        row = (
            Button(t("Who has accepted"), f"training.team.show:{team.id}"),
            navigation.to_my_trainings(t),
        )
        return Reply((Say(said), Buttons((row,), "")))

    async def _subject(self, context: NoticeContext) -> tuple[Training | None, Team | None]:
        training = await catalogue.get_training(context.db, _id(context, "training"))
        return training, await self._teams.find(context.db, _id(context, "team"), context.now)


async def invited(context: NoticeContext) -> Reply | None:
    """A leader named this courier's phone. The code, which lets them answer, is with the leader."""
    training = await catalogue.get_training(context.db, _id(context, "training"))
    if training is None or not training.is_open(context.now):
        return None
    if await live_registration(context.db, training.id, context.courier_id) is not None:
        return None
    t = context.t
    part = wording.details(t, training, None, context.now)
    said = t(
        "Somebody put your phone on their team's list for this. Coming along? Ask your leader for "
        "your code (DUI-…) and send it to me in WeChat or on the web page. Otherwise do nothing."
    )
    row = (navigation.to_trainings(t), navigation.to_start(t))
    return Reply((part, Buttons((row,), said)))


async def released(context: NoticeContext) -> Reply | None:
    """A member's seat is free again, as not everybody of the team comes."""
    training = await catalogue.get_training(context.db, _id(context, "training"))
    if training is None or training.starts_at <= context.now:
        return None
    t = context.t
    own = await live_registration(context.db, training.id, context.courier_id)
    lines = [
        t(
            "Not everybody of your team comes to {session}, and your leader had chosen “Everybody "
            "or nobody”: your seat is free again.",
            session=wording.title_and_time(t, training, context.now),
        )
    ]
    row: tuple[Button, ...] = (navigation.to_my_trainings(t), navigation.to_trainings(t))
    if own is not None:
        lines.append(wording.registration_status(t, own, context.now))
    elif training.is_open(context.now):
        lines.append(t("You can still come on your own."))
        row = (Button(t("Register"), f"training.register:{training.id}"), *row)
    return Reply((Say("\n".join(lines)), Buttons((row,), "")))


def _id(context: NoticeContext, name: str) -> int:
    value = context.params.get(name)
    return value if isinstance(value, int) else 0
