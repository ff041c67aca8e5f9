"""`GET /a/{code}`: one piece of content, and `GET /a/pictures/{name}`.

Plain HTML without scripts and cookies. Texts are Markdown without HTML, and escaped all the same.
"""

from html import escape

from aiohttp import web

from bot.common.clock import Clock
from bot.common.i18n import Translator
from bot.documents import content_page
from bot.pages.layout import page, paragraph, with_security_headers
from bot.services.content import catalogue, pictures
from bot.store.engine import Store

PICTURES = "/a/pictures/"


class ContentPages:
    """Answers for each piece of content that is served; `demo`: samples, too."""

    def __init__(self, store: Store, clock: Clock, *, demo: bool) -> None:
        self._store = store
        self._clock = clock
        self._demo = demo

    async def respond(self, request: web.Request, t: Translator) -> web.Response:
        """The page, 404 where no such content is served."""
        code = request.match_info["code"]
        async with self._store.reading() as db:
            item = await catalogue.by_code(db, code, t.locale, self._clock(), demo=self._demo)
        if item is None:
            text = t("This page is no longer there, or never was.")
            return page(t, t("Nothing is here"), paragraph(text) + _chat(t, "/"), status=404)
        title = t("(sample) {title}", title=item.title) if item.is_sample else item.title
        chat = _chat(t, f"/?start=a-{item.code}")
        return page(t, title, content_page.body(t, item, PICTURES, chat))

    async def picture(self, request: web.Request, t: Translator) -> web.Response:
        """A picture that we encoded ourselves; its name tells its bytes, so it never changes."""
        async with self._store.reading() as db:
            found = await pictures.read(db, request.match_info["name"])
        if found is None:
            return page(t, t("Nothing is here"), paragraph(t("Check the link.")), status=404)
        headers = with_security_headers({"Cache-Control": "max-age=86400, immutable"})
        return web.Response(body=found.data, content_type=found.media_type, headers=headers)


def _chat(t: Translator, address: str) -> str:
    label = escape(t("Ask 驿站小助手"))
    return f'<p class="links"><a class="quiet" href="{escape(address)}">{label}</a></p>'
