"""Files for couriers: the calendar entry and the certificate, sent or fetched by a link.

Made anew each time from what the tables say, so that a link opened tomorrow has tomorrow's times.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.conversation.context import Db
from bot.conversation.replies import Document, Link
from bot.documents.certificate import certificate_pdf
from bot.documents.download import Maker
from bot.documents.ical import MEDIA_TYPE, session_ics
from bot.documents.pdf import Fonts
from bot.services.couriers.profiles import Profiles
from bot.services.file_links import FileLinks
from bot.services.trainings import catalogue, certificates
from bot.services.trainings.certificates import Certificate
from bot.services.trainings.errors import TrainingRefused

CALENDAR: Final = "calendar"
CERTIFICATE: Final = "certificate"


@dataclass(frozen=True, slots=True)
class Papers:
    """Makes them. `public_url` empty: certificates carry no QR code and no link leads out."""

    profiles: Profiles
    links: FileLinks
    fonts: Fonts
    public_url: str = ""
    issuer: str = ""

    def makers(self) -> Mapping[str, Maker]:
        """Who makes the file that a link names, by the link's kind."""
        return {CALENDAR: self.calendar, CERTIFICATE: self.certificate}

    async def calendar(
        self, db: Db, training_id: int, t: Translator, now: datetime
    ) -> Document | None:
        """The session's .ics, which takes it out of the calendar once it is cancelled."""
        session = await catalogue.describe_one(db, training_id)
        if session is None:
            return None
        told = [session.about] if session.about else []
        if session.status == "cancelled":
            told.append(t("This session was cancelled."))
        else:
            told.append(t("Check in with the code shown there: send it to the bot."))
            told.append(t("Cannot come? Say “my trainings” to the bot and give your seat back."))
        place = t("Online: {link}", link=session.link) if session.is_online else ""
        content = session_ics(session, "\n".join(told), now, place=place, url=self.public_url)
        link = Link(t("Calendar file"), self.links.link(CALENDAR, training_id, now))
        day = session.starts_at.astimezone(CHINA)
        name = t("training-{month}-{day}.ics", month=day.month, day=day.day)
        return Document(name, MEDIA_TYPE, content, link)

    async def issue(
        self, db: Db, courier_id: int, training_id: int, t: Translator, now: datetime
    ) -> Document:
        """The certificate of a courier who attended, under their profile's name.

        Raises `TrainingRefused` (not_attended, no_name) and `Unprintable`.
        """
        profile = await self.profiles.read(db, courier_id)
        if not profile.name:
            raise TrainingRefused("no_name", training_id)
        issued = await certificates.issue(
            db, self.profiles.keys, courier_id, training_id, profile.name, now
        )
        return await self._printed(issued, t, now)

    async def certificate(
        self, db: Db, certificate_id: int, t: Translator, now: datetime
    ) -> Document | None:
        """One that was issued already. Raises `Unprintable`."""
        found = await certificates.with_id(db, self.profiles.keys, certificate_id)
        # An account that was erased takes the link to the open name with it.
        if found is None or found.courier_id is None:
            return None
        return await self._printed(found, t, now)

    async def _printed(self, found: Certificate, t: Translator, now: datetime) -> Document:
        base = self.public_url.rstrip("/")
        verify_url = f"{base}/verify/{found.number}" if base else ""
        content = await asyncio.to_thread(
            certificate_pdf, found, self.fonts, issuer=self.issuer, verify_url=verify_url
        )
        link = Link(t("Certificate (PDF)"), self.links.link(CERTIFICATE, found.id, now))
        return Document(f"{found.number}.pdf", "application/pdf", content, link)
