"""The operators' texts about money: topics and warnings, as parts of a reply."""

from collections.abc import Sequence
from datetime import datetime

from bot.common.i18n import Translator
from bot.common.values import value
from bot.conversation.context import Db
from bot.conversation.replies import Part, Say
from bot.handlers import content_text
from bot.services.content import catalogue, markdown
from bot.services.content.catalogue import ContentKind


@value
class MoneyTexts:
    """`public_url`: where pictures are, empty if nowhere. `demo`: samples are served, too."""

    public_url: str
    demo: bool

    async def topic(self, db: Db, t: Translator, code: str, now: datetime) -> Sequence[Part]:
        """The topic of a service; empty where the operators have none."""
        return await self._parts(db, t, f"money-{code}", ContentKind.TOPIC, now)

    async def warning(self, db: Db, t: Translator, code: str, now: datetime) -> Sequence[Part]:
        """A warning against fraud by its code; empty where it is no longer in force."""
        return await self._parts(db, t, code, ContentKind.WARNING, now)

    async def _parts(
        self, db: Db, t: Translator, code: str, kind: ContentKind, now: datetime
    ) -> Sequence[Part]:
        item = await catalogue.by_code(db, code, t.locale, now, demo=self.demo)
        if item is None or item.kind is not kind:
            return ()
        blocks = markdown.blocks_of(item.text)
        heading = Say(t("【{topic}】", topic=content_text.title(t, item)))
        shown = await content_text.parts(db, t, blocks, self.public_url)
        return (heading, *shown, Say(content_text.remarks(t, item)))
