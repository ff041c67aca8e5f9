"""Files of the honour: the page for a photo, and the certificate, sent or by a link."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.context import Db
from bot.conversation.replies import Document, Link
from bot.documents.download import Maker
from bot.documents.honour_certificate import honour_certificate_pdf
from bot.documents.pdf import Fonts
from bot.services.file_links import FileLinks
from bot.services.honours.nominations import Nominations
from bot.services.honours.winners import winner_with

PHOTO: Final = "honourphoto"
CERTIFICATE: Final = "honour"


@value
class HonourFiles:
    """Builds them. `public_url` empty: certificates have no QR code."""

    nominations: Nominations
    links: FileLinks
    fonts: Fonts
    public_url: str = ""
    issuer: str = ""

    def makers(self) -> Mapping[str, Maker]:
        """The functions that build the file of a link, by the link's kind."""
        return {CERTIFICATE: self.certificate}

    def photo_page(self, nomination_id: int, now: datetime) -> str:
        """The URL of the page on which the nominee gives a photo, valid for a day."""
        token = self.links.link(PHOTO, nomination_id, now).rpartition("/")[2]
        return f"{self.links.base.rstrip('/')}/honours/photo/{token}"

    async def certificate(
        self, db: Db, nomination_id: int, t: Translator, now: datetime
    ) -> Document | None:
        """The certificate of a winner, None without one. Raises `Unprintable`."""
        winner = await winner_with(db, self.nominations.keys, t.locale, nomination_id)
        if winner is None or winner.courier_id is None:
            return None
        base = self.public_url.rstrip("/")
        verify_url = f"{base}/honours/certificate/{winner.certificate}" if base else ""
        content = await asyncio.to_thread(
            honour_certificate_pdf, winner, self.fonts, issuer=self.issuer, verify_url=verify_url
        )
        link = Link(t("Certificate (PDF)"), self.links.link(CERTIFICATE, winner.id, now))
        return Document(f"{winner.certificate}.pdf", "application/pdf", content, link)
