"""One piece of content in the chat, and the weekly offer of a lesson."""

from bot.common.i18n import Translator
from bot.conversation.context import Context, Db, Handler
from bot.conversation.notifications import NoticeContext
from bot.conversation.replies import Button, Buttons, Link, Part, Reply, Say
from bot.handlers import content_text
from bot.handlers.content import wording
from bot.handlers.feature import Feature
from bot.services.content import catalogue, markdown, weekly
from bot.services.content.catalogue import ContentKind, Item
from bot.services.notifications.kinds import NoticeKind
from bot.services.trainings.catalogue import home_league


class ArticleHandlers:
    """Shows content by its code. `start_lesson` takes a lesson; `demo`: samples, too."""

    def __init__(self, public_url: str, start_lesson: Handler, *, demo: bool) -> None:
        self._public_url = public_url
        self._start_lesson = start_lesson
        self._demo = demo

    def feature(self) -> Feature:
        """Its button, the links of public pages, and the weekly offer."""
        return Feature(
            actions={"content.show": self.show},
            arrivals={"a": self.show},
            renderers={NoticeKind.LESSON_OFFER: self.offer},
            repeats=frozenset({NoticeKind.LESSON_OFFER}),
        )

    async def show(self, ctx: Context) -> Reply:
        """The whole piece of content, a lesson from where the courier left it."""
        t, code = ctx.t, ctx.args[0] if ctx.args else ""
        item = await catalogue.by_code(ctx.db, code, t.locale, ctx.now, demo=self._demo)
        if item is None:
            row = (wording.to_lessons(t), wording.to_start(t))
            return Reply((Buttons((row,), t("This is no longer offered.")),))
        if item.kind is ContentKind.LESSON:
            return await self._start_lesson(ctx)
        return await article(ctx.db, t, item, self._public_url)

    async def offer(self, context: NoticeContext) -> Reply | None:
        """A lesson for slack hours; None where the courier has taken all."""
        t, db = context.t, context.db
        league = await home_league(db, context.courier_id)
        item = await weekly.next_lesson(
            db, context.courier_id, t.locale, league, context.now, demo=self._demo
        )
        if item is None:
            return None
        said = t(
            "No order right now? “{title}” takes {n} minutes; stop whenever you like.",
            title=content_text.title(t, item),
            n=item.minutes,
        )
        row = (Button(t("Learn it now"), f"lesson.start:{item.code}"), wording.weekly(t, on=True))
        return Reply((Buttons((row,), said),))


async def article(db: Db, t: Translator, item: Item, public_url: str) -> Reply:
    """A piece of content that is no lesson, as the chat shows it."""
    shown: list[Part] = [Say(t("【{title}】", title=content_text.title(t, item)))]
    shown += await content_text.picture(db, t, item.picture, public_url)
    blocks = markdown.blocks_of(item.text)
    shown += await content_text.parts(db, t, blocks, public_url)
    url = content_text.page_url(public_url, item.code)
    links = (Link(t("On a page"), url),) if url else ()
    shown.append(Say(content_text.remarks(t, item), links))
    return Reply((*shown, Buttons(((wording.to_start(t),),), "")))
