"""Signed download links that expire, for channels that cannot send files.

A link names the kind of file, the row it is made from and when it expires, under a signature that
only this service can make. It holds nothing about a person; but whoever has it can open the file,
so it is valid for a day.
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.services.errors import LinkInvalid
from bot.store.encryption import Keyring

LIFETIME: Final = timedelta(days=1)
LABEL: Final = "files.link"
_TOKEN: Final = LazyPattern(r"([a-z]{1,16})\.([0-9]{1,18})\.([0-9]{1,12})\.([A-Za-z0-9_-]{8,64})")


@value
class FileLinks:
    """Makes links below `base` (`https://bot.example.org`), and verifies them."""

    keys: Keyring
    base: str

    def link(self, kind: str, row_id: int, now: datetime) -> str:
        """The URL of that file, valid for `LIFETIME`; `kind` is a lower-case word."""
        claim = f"{kind}.{row_id}.{int((now + LIFETIME).timestamp())}"
        signature = base64.urlsafe_b64encode(self.keys.index(claim, LABEL)).decode().rstrip("=")
        return f"{self.base.rstrip('/')}/files/{claim}.{signature}"

    def read(self, token: str, now: datetime) -> tuple[str, int]:
        """Kind and row named by the last part of such a URL. Raises `LinkInvalid`."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise LinkInvalid(expired=False)
        kind, row_id, until, signature = found.groups()
        try:
            given = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        except binascii.Error:
            raise LinkInvalid(expired=False) from None
        signed = self.keys.indexes(f"{kind}.{row_id}.{until}", LABEL)
        if not any([hmac.compare_digest(given, one) for one in signed]):  # noqa: C419 - all of them
            raise LinkInvalid(expired=False)
        if now.astimezone(UTC).timestamp() > int(until):
            raise LinkInvalid(expired=True)
        return kind, int(row_id)
