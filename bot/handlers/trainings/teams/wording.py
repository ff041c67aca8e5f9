"""How teams are worded: the invitation, answers and codes, reserved seats, unreadable lines."""

from datetime import datetime
from typing import Final

from bot.common.i18n import Translator
from bot.conversation.replies import Button, Buttons
from bot.handlers import labels
from bot.intents import contacts
from bot.services.trainings.statuses import TeamMemberStatus, TeamMode
from bot.services.trainings.team_limits import MAX_MEMBERS
from bot.services.trainings.teams import Team

SHOWN_CHARACTERS: Final = 30
"""Of a line that could not be read."""
MAX_LINKS: Final = 8
"""A WeChat message with the links of more members would be cut off, and codes with it."""


def invitation(t: Translator, code: str, *, decides_for_all: bool) -> Buttons:
    """The two answers to a team's invitation; `decides_for_all`: a no frees everybody's seats."""
    row = (
        Button(t("I come along"), f"training.team.join:{code}"),
        Button(t("Not me"), f"training.team.decline:{code}"),
    )
    said = t("Your team leader put you on the list. Do you come?")
    if decides_for_all:
        said = t(
            "Your team leader put you on the list. It is everybody or nobody: after one no the "
            "seats of the whole team are free again. Do you come?"
        )
    return Buttons((row,), said)


def answer(t: Translator, status: TeamMemberStatus) -> str:
    """What a member answered."""
    match status:
        case TeamMemberStatus.ACCEPTED:
            return t("comes")
        case TeamMemberStatus.DECLINED:
            return t("does not come")
        case TeamMemberStatus.EXPIRED:
            return t("did not answer")
        case TeamMemberStatus.INVITED:
            return t("no answer yet")


def answers(t: Translator, team: Team) -> list[str]:
    """A line for each member: what they answered."""
    released = t("had said yes")
    return [
        f"· {one.label}: {released if one.released else answer(t, one.status)}"
        for one in team.members
    ]


def again(t: Translator, team: Team) -> tuple[tuple[Button, ...], ...]:
    """How a team that failed may be brought after all; nothing where everybody declined."""
    if not team.may_come:
        return ()
    each = Button(t("As many as fit"), f"training.team.again:{team.id}:{TeamMode.EACH}")
    rest = Button(t("The others or nobody"), f"training.team.again:{team.id}:{TeamMode.ALL}")
    if len(team.may_come) == len(team.members):
        rest = Button(t("Everybody or nobody"), rest.action)
    return ((each, rest),)


def members(t: Translator, team: Team, public_url: str) -> list[str]:
    """A line for each member: what they answered, or the code to hand over.

    A link that carries the code stands below it while at most `MAX_LINKS` have not answered.
    """
    answered = {TeamMemberStatus.ACCEPTED, TeamMemberStatus.DECLINED}
    unanswered = sum(member.status not in answered for member in team.members)
    lines = []
    for member, line in zip(team.members, answers(t, team), strict=True):
        if member.status in answered:
            lines.append(line)
            continue
        lines.append(t("{member}, code DUI-{code}", member=line, code=member.code))
        if public_url and unanswered <= MAX_LINKS:
            lines.append(f"{public_url.rstrip('/')}/?start=tm-{member.code}")
    return lines


def how_to_answer(t: Translator, team: Team, now: datetime) -> list[str]:
    """What members do with their codes, and until when seats are reserved, if any are."""
    lines = [t("Each opens 驿站小助手 and sends their code, with the phone you wrote down.")]
    if team.reserved:
        until = labels.day_and_time(t, team.hold_until, now)
        lines.append(t("{n} places are reserved until {time}.", n=team.reserved, time=until))
    return lines


def unread_lines(t: Translator, text: str) -> str:
    """The lines of a list that were not understood, each with what is wrong; empty if none."""
    unread = [
        _unread_line(t, line[:SHOWN_CHARACTERS], wrong=wrong)
        for line, wrong in contacts.unread(text)[:MAX_MEMBERS]
    ]
    if not unread:
        return ""
    return t(
        "I could not read these lines and left them out: {lines}. Mend them and send the whole "
        "list once more.",
        lines=t.p("between lines", "; ").join(unread),
    )


def _unread_line(t: Translator, line: str, *, wrong: bool) -> str:
    if wrong:
        return t("{line} (a phone has 11 digits)", line=line)
    if contacts.phone(line):
        return t("{line} (somebody else has this phone)", line=line)
    return t("{line} (no phone)", line=line)
