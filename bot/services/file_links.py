"""Links to files that expire, for chats that take no files.

A link says which kind of file of which row, and until when, under a signature that only this
service can make. It holds nothing about a person; but whoever has it can open the file, so it
lives for a day.
"""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.services.errors import LinkInvalid
from bot.store.encryption import Keyring

LIFE: Final = timedelta(days=1)
PLACE: Final = "files.link"
_TOKEN: Final = re.compile(r"([a-z]{1,16})\.([0-9]{1,18})\.([0-9]{1,12})\.([A-Za-z0-9_-]{8,64})")


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Makes links below `base` (`https://bot.example.org`), and reads them again."""

    keys: Keyring
    base: str

    def link(self, kind: str, row_id: int, now: datetime) -> str:
        """The address of that file until tomorrow; `kind` is a lower-case word."""
        claim = f"{kind}.{row_id}.{int((now + LIFE).timestamp())}"
        signature = base64.urlsafe_b64encode(self.keys.index(claim, PLACE)).decode().rstrip("=")
        return f"{self.base.rstrip('/')}/files/{claim}.{signature}"

    def read(self, token: str, now: datetime) -> tuple[str, int]:
        """Kind and row of the end of such an address. Raises `LinkInvalid`."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise LinkInvalid(expired=False)
        kind, row_id, until, signature = found.groups()
        try:
            given = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        except binascii.Error:
            raise LinkInvalid(expired=False) from None
        signed = self.keys.indexes(f"{kind}.{row_id}.{until}", PLACE)
        if not any([hmac.compare_digest(given, one) for one in signed]):  # noqa: C419 - all of them
            raise LinkInvalid(expired=False)
        if now.astimezone(UTC).timestamp() > int(until):
            raise LinkInvalid(expired=True)
        return kind, int(row_id)
