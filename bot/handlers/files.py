"""Files for couriers: the calendar entry and the certificate, sent or downloaded by a link.

Built from the tables each time, so that a link opened later has the training's current times.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.common.clock import CHINA
from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.context import Db
from bot.conversation.replies import Document, Link
from bot.documents.certificate import certificate_pdf
from bot.documents.download import Maker
from bot.documents.ical import MEDIA_TYPE, training_ics
from bot.documents.pdf import Fonts
from bot.services.couriers.profiles import Profiles
from bot.services.file_links import FileLinks
from bot.services.trainings import catalogue, certificates
from bot.services.trainings.certificates import Certificate, Course
from bot.services.trainings.errors import TrainingRefused
from bot.services.trainings.statuses import TrainingRefusal, TrainingStatus

CALENDAR: Final = "calendar"
CERTIFICATE: Final = "certificate"


@value
class CourierFiles:
    """Builds them. `public_url` empty: certificates have no QR code, files no link."""

    profiles: Profiles
    links: FileLinks
    fonts: Fonts
    public_url: str = ""
    issuer: str = ""

    def makers(self) -> Mapping[str, Maker]:
        """The functions that build the file of a link, by the link's kind."""
        return {CALENDAR: self.calendar, CERTIFICATE: self.certificate}

    async def calendar(
        self, db: Db, training_id: int, t: Translator, now: datetime
    ) -> Document | None:
        """The training's .ics; once it is cancelled, one that removes it from the calendar."""
        training = await catalogue.get_training(db, training_id)
        if training is None:
            return None
        lines = [training.about] if training.about else []
        if training.status == TrainingStatus.CANCELLED:
            lines.append(t("This session was cancelled."))
        else:
            lines.append(t("Check in with the code shown there: send it to the bot."))
            lines.append(t("Cannot come? Say “my trainings” to the bot and give your seat back."))
        place = t("Online: {link}", link=training.link) if training.is_online else ""
        content = training_ics(training, "\n".join(lines), now, place=place, url=self.public_url)
        label = t("Calendar file")
        if training.status == TrainingStatus.CANCELLED:
            label = t("Take it out of the calendar")
        link = Link(label, self.links.link(CALENDAR, training_id, now))
        day = training.starts_at.astimezone(CHINA)
        name = t("training-{month}-{day}.ics", month=day.month, day=day.day)
        return Document(name, MEDIA_TYPE, content, link)

    async def issue(
        self, db: Db, courier_id: int, training_id: int, t: Translator, now: datetime
    ) -> Document:
        """The certificate of a courier who attended, under their profile's name.

        Raises `TrainingRefused` (`NOT_ATTENDED`, `NO_NAME`) and `Unprintable`.
        """
        profile = await self.profiles.read(db, courier_id)
        if not profile.name:
            raise TrainingRefused(TrainingRefusal.NO_NAME, training_id)
        issued = await certificates.issue(
            db, self.profiles.keys, courier_id, training_id, profile.name, now
        )
        return await self._document(issued, t, now)

    async def issue_for_course(
        self, db: Db, courier_id: int, course: Course, t: Translator, now: datetime
    ) -> Document | None:
        """The certificate of a courier who finished a series, under their profile's name.

        None without a name, or where the courier is being erased. Raises `Unprintable`.
        """
        profile = await self.profiles.read(db, courier_id)
        if not profile.name:
            return None
        keys = self.profiles.keys
        issued = await certificates.issue_for_course(
            db, keys, courier_id, course, profile.name, now
        )
        return None if issued is None else await self._document(issued, t, now)

    async def certificate(
        self, db: Db, certificate_id: int, t: Translator, now: datetime
    ) -> Document | None:
        """A certificate that was issued already. Raises `Unprintable`."""
        found = await certificates.get_certificate(db, self.profiles.keys, certificate_id)
        # With the account erased the link no longer gives the name away.
        if found is None or found.courier_id is None:
            return None
        return await self._document(found, t, now)

    async def _document(self, found: Certificate, t: Translator, now: datetime) -> Document:
        base = self.public_url.rstrip("/")
        verify_url = f"{base}/verify/{found.number}" if base else ""
        content = await asyncio.to_thread(
            certificate_pdf, found, self.fonts, issuer=self.issuer, verify_url=verify_url
        )
        link = Link(t("Certificate (PDF)"), self.links.link(CERTIFICATE, found.id, now))
        return Document(f"{found.number}.pdf", "application/pdf", content, link)
