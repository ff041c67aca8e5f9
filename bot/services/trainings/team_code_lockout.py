"""How often a courier may send team codes that do not exist, or that are not for their phone.

Each wrong one is charged to the chat it came from; a chat's count outlives the deletion of its
courier. Those of new couriers are also charged to their network, for new chats of the web page cost
nothing; who is known, as in `team_limits`, is not locked by others behind the same address.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.lockout import counters
from bot.services.lockout.counters import Counter, Limit, Scope
from bot.services.trainings import team_limits
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.statuses import TrainingRefusal
from bot.store.encryption import Keyring

HOUR: Final = timedelta(hours=1)
CHAT_LIMIT: Final = Limit(10, HOUR, HOUR)
NETWORK_LIMIT: Final = Limit(30, HOUR, HOUR)
CHAT_LABEL, NETWORK_LABEL = "attempt.team.chat", "attempt.team.network"


async def admit(
    db: AsyncSession, keys: Keyring, courier_id: int, chat: str, network: str, now: datetime
) -> Sequence[Counter]:
    """Locks and returns the counters of this try. Raises `TrainingRefused` (`CODE_TRIES`) where one
    is full, for codes that exist too, or a search would learn which ones do.

    `chat` is a channel's name and the address there; `network` as in `Event`, '' for none.
    """
    charged: list[Counter] = []
    if network and not await team_limits.is_known(db, courier_id, now):
        charged += counters.of_subject(keys, Scope.NETWORK, network, NETWORK_LABEL, NETWORK_LIMIT)
    charged += counters.of_subject(keys, Scope.CHAT, chat, CHAT_LABEL, CHAT_LIMIT)
    if await counters.admit(db, charged, now):
        raise TrainingRefused(TrainingRefusal.CODE_TRIES)
    return charged
