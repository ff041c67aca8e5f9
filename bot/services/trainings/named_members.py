"""Team members by the phone that a leader named, who may never have written to the bot."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.couriers.profiles import PHONE_INDEX
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import TeamMemberStatus
from bot.store.encryption import Keyring
from bot.store.models.trainings import TeamMemberRow, TeamRow


async def named(db: AsyncSession, keys: Keyring, phone: str) -> list[int]:
    """The ids of all team members with this phone."""
    found = select(TeamMemberRow.id).where(_with_phone(keys, phone))
    return list(await db.scalars(found.order_by(TeamMemberRow.id)))


async def delete_named(
    db: AsyncSession, keys: Keyring, seating: Seating, phone: str, now: datetime
) -> list[int]:
    """Deletes them and gives back the seats reserved for them; their ids.

    The registration of one who accepted stays: it is that courier's own.
    """
    of_member = select(TeamRow, TeamMemberRow).join(
        TeamMemberRow, TeamMemberRow.team_id == TeamRow.id
    )
    of_member = of_member.where(_with_phone(keys, phone)).order_by(TeamMemberRow.id)
    trainings = set(await db.scalars(of_member.with_only_columns(TeamRow.training_id)))
    deleted = []
    for training_id in sorted(trainings):
        training = await seating.lock(db, training_id, now)
        found = of_member.where(TeamRow.training_id == training_id)
        for team, member in (
            await db.execute(found.execution_options(populate_existing=True))
        ).all():
            deleted.append(member.id)
            invited = member.status == TeamMemberStatus.INVITED
            await db.delete(member)
            if invited:
                await seating.release(db, training, team, 1, now)
    await db.flush()
    return deleted


def _with_phone(keys: Keyring, phone: str) -> ColumnElement[bool]:
    return TeamMemberRow.phone_index.in_(keys.indexes(phone, PHONE_INDEX))
