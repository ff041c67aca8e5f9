"""Limits wrong team codes by the chat and the network that a message came from."""

from collections.abc import Sequence

from bot.conversation.context import Context
from bot.services.couriers.profiles import Profiles
from bot.services.lockout.counters import Counter
from bot.services.trainings import team_code_lockout


async def admit_team_code(ctx: Context, profiles: Profiles) -> Sequence[Counter]:
    """The counters that a wrong code is charged to. Raises `TrainingRefused` (`CODE_TRIES`)."""
    sender = ctx.event.sender
    chat = f"{sender.channel}|{sender.id}"
    return await team_code_lockout.admit(
        ctx.db, profiles.keys, ctx.courier.id, chat, ctx.event.network, ctx.now
    )
