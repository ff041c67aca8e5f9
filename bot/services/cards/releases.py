"""Release codes: an operator vouches for an owner whom the outlet's counter has identified.

Whoever knows a number can lock it by wrong tries, and four digits could be guessed if the lock made
exceptions. So the owner shows an ID card at the counter, and gets a code that is good once, for
this number, in place of the four digits and in spite of any lock. It has 8 characters out of 27,
which makes 2.8 × 10¹¹ codes; a wrong one counts as a wrong try.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.cards.blind_index import number_fact
from bot.services.couriers.account_linking import ALPHABET, LENGTH
from bot.services.operators import access_log
from bot.services.operators.access_log import AccessAction
from bot.store.batches import delete_in_batches
from bot.store.encryption import Keyring
from bot.store.engine import Store
from bot.store.models.cards import CardApplicationRow, CardReleaseRow
from bot.store.upsert import upsert

VALID: Final = timedelta(hours=24)
FIELD: Final = "card_application.release"
"""What stands in the access log."""


async def issue(
    db: AsyncSession, keys: Keyring, number: str, actor: str, now: datetime
) -> str | None:
    """A new code for an application number, entered in the access log; None without such a number.

    `number` is normalised by `personal_data.validation`. The code before no longer works.
    """
    known = keys.indexes(*number_fact(number))
    found = select(CardApplicationRow.id).where(CardApplicationRow.number_index.in_(known))
    application_id = await db.scalar(found)
    if application_id is None:
        return None
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    values = {"code_index": keys.index(*_fact(number, code)), "ends_at": now + VALID}
    row = upsert(db, CardReleaseRow).values(application_id=application_id, **values)
    key = [CardReleaseRow.application_id]
    await db.execute(row.on_conflict_do_update(index_elements=key, set_=values))
    seen = [(FIELD, application_id)]
    await access_log.record(db, keys, actor, AccessAction.RELEASE, seen, "release code", now)
    return code


async def redeem(
    db: AsyncSession, keys: Keyring, number: str, code: str, now: datetime
) -> int | None:
    """Uses up a code; the id of the application that it was issued for, None if it does not count.

    `code` is read by `account_linking.read_code`, whose alphabet release codes share.
    """
    used = delete(CardReleaseRow).where(
        CardReleaseRow.code_index.in_(keys.indexes(*_fact(number, code))),
        CardReleaseRow.ends_at > now,
    )
    return await db.scalar(used.returning(CardReleaseRow.application_id))


async def delete_expired(store: Store, now: datetime) -> None:
    """Deletes codes that no longer count."""
    over = CardReleaseRow.ends_at <= now
    await delete_in_batches(store, CardReleaseRow, over, CardReleaseRow.application_id)


def _fact(number: str, code: str) -> tuple[str, str]:
    return f"{number}|{code}", "card_release.code"
