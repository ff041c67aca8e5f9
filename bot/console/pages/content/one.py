"""One piece of content: how couriers see it, its history, and changing it after a preview."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.common.clock import CHINA
from bot.console.pages.content import forms
from bot.console.pages.content.words import kind_name, state_look, state_name, tabs
from bot.console.pages.messages.common import channel_name
from bot.console.pages.numbers import row_number
from bot.console.visits import NotThere, Visit, get, post
from bot.documents import content_page
from bot.operator_wording import content_previews, content_report, revision_words
from bot.services.content import administration, pictures
from bot.services.content import listing as contents
from bot.services.content.administration import ContentEdited, ContentUnknown, ContentView
from bot.services.content.catalogue import CHINESE, ContentKind
from bot.services.content.importing.columns import COLUMNS
from bot.services.content.importing.entries import Entry
from bot.services.content.importing.plan import ContentChanged, Plan
from bot.services.operators.revisions import RevisionAction, RevisionKind
from bot.services.operators.roles import Right
from bot.services.stations.administration.leagues import leagues

REVIEW: Final = timedelta(days=180)
"""Until the next review, unless another day is chosen."""
PICTURES: Final = "/content/pictures/"


async def show(visit: Visit) -> Response:
    """The piece as it is stored."""
    view = await _view(visit)
    return await _page(visit, view, forms.written(view.entry))


async def add(visit: Visit) -> Response:
    """The form of a new piece."""
    kind = visit.query("kind")
    wanted = kind if kind in set(ContentKind) else ContentKind.ARTICLE.value
    return await _page(visit, None, {"kind": wanted})


async def preview(visit: Visit) -> Response:
    """What a change would do and how couriers would see it; 422 where it is not accepted.

    From the preview it is the way back to the form, with what was typed.
    """
    view = await _view_or_new(visit)
    if visit.field("again"):
        stored = forms.written(view.entry) if view is not None else {}
        return await _page(visit, view, forms.given(visit, stored))
    return await _preview(visit, view)


async def save(visit: Visit) -> Response:
    """Saves it: 303, 422 where it is not accepted, 409 where somebody else was faster."""
    view = await _view_or_new(visit)
    stored = forms.written(view.entry) if view is not None else {}
    values = forms.given(visit, stored)
    version = row_number(visit.field("version"))
    if version is None:
        raise NotThere
    sources = forms.sources_of(values, values.get("title", "") or visit.t("new"))
    try:
        async with visit.parts.store.writing() as db:
            plan, _ = await administration.draft(
                db, visit.parts.places, visit.operator, sources, lambda _name: None
            )
            if plan.problems or (view is None and plan.changed):
                return await _preview(visit, view)
            action = RevisionAction.ADD if view is None else RevisionAction.SET
            number = await administration.save(
                db, visit.operator, plan, action, "", visit.now, version=version
            )
    except (ContentEdited, ContentChanged) as edited:
        return await _preview(visit, view, edited)
    t, address = visit.t, _address(values["code"])
    if number is None:
        return visit.redirect(address, t("It was so already; nothing is changed."))
    return visit.redirect(address, t("Saved. Couriers see it within seconds."))


async def picture(visit: Visit) -> Response:
    """A stored picture, for the preview."""
    visit.operator.require(Right.CONTENT)
    async with visit.parts.store.reading() as db:
        found = await pictures.read(db, visit.path("name"))
    if found is None:
        raise NotThere
    return Response(found.data, media_type=found.media_type)


ROUTES: Final[list[BaseRoute]] = [
    get("/content/add", Right.CONTENT, add),
    post("/content/add/preview", Right.CONTENT, preview),
    post("/content/add/save", Right.CONTENT, save),
    get("/content/pictures/{name}", Right.CONTENT, picture),
    get("/content/items/{code}", Right.CONTENT, show),
    post("/content/items/{code}/preview", Right.CONTENT, preview),
    post("/content/items/{code}/save", Right.CONTENT, save),
]


async def _view(visit: Visit) -> ContentView:
    try:
        async with visit.parts.store.reading() as db:
            return await administration.view(db, visit.operator, visit.path("code"))
    except ContentUnknown:
        raise NotThere from None


async def _view_or_new(visit: Visit) -> ContentView | None:
    return await _view(visit) if "code" in visit.request.path_params else None


async def _preview(
    visit: Visit, view: ContentView | None, edited: ContentEdited | ContentChanged | None = None
) -> Response:
    t, words = visit.t, visit.bot_words
    values = forms.given(visit, forms.written(view.entry) if view is not None else {})
    sources = forms.sources_of(values, values.get("title", "") or t("new"))
    async with visit.parts.store.reading() as db:
        plan, version = await administration.draft(
            db, visit.parts.places, visit.operator, sources, lambda _name: None
        )
    if plan.problems:
        errors = [_fault(one.column, one.row, content_report.advice(one, words), visit)
                  for one in plan.problems]  # fmt: skip
        return await _page(visit, view, values, errors, 422)
    if view is None and plan.changed:
        error = t("There is content of the code “{code}” already.", code=values.get("code", ""))
        return await _page(visit, view, values, [error], 422)
    entry = _entry(plan) or (view.entry if view is not None else None)
    if entry is None:
        raise NotThere
    later = edited.later if isinstance(edited, ContentEdited) else ()
    shown = {
        "tabs": tabs(visit),
        "base": _address(view.entry.code) if view is not None else "/content/add",
        "entry": entry,
        "version": version,
        "changes": [
            (COLUMNS[one.field][0], one.before, one.after)
            for of in plan.changed
            for one in of.differences
        ],
        "is_new": bool(plan.new),
        "given": [(name, value) for name, value in values.items() if name != "picture"],
        "meanwhile": [
            (revision, list(revision_words.lines(RevisionKind.CONTENT, record, words)))
            for revision, record in later
        ],
        "is_late": edited is not None,
        **await _shown(visit, entry),
    }
    return visit.render("content/confirm.html", shown, 409 if edited is not None else 200)


async def _page(
    visit: Visit,
    view: ContentView | None,
    values: Mapping[str, str],
    errors: Sequence[str] = (),
    status: int = 200,
) -> Response:
    t, words = visit.t, visit.bot_words
    theirs = [one for one in leagues(visit.parts.places) if visit.operator.covers(one.adcode)]
    is_lesson = values.get("kind") == ContentKind.LESSON
    lesson_only = () if is_lesson else ("minutes", "series", "series_en")
    shown: dict[str, object] = {
        "tabs": tabs(visit),
        "view": view,
        "errors": errors,
        "is_open": view is None or bool(errors) or "again" in visit.form,
        "values": values,
        "base": _address(view.entry.code) if view is not None else "/content/add",
        "first": [(one, COLUMNS[one][0], values.get(one, "")) for one in forms.FIRST],
        "further": [
            (one, COLUMNS[one][0], values.get(one, ""))
            for one in forms.FURTHER
            if one not in lesson_only
        ],
        "dates": forms.DATES,
        "texts": forms.TEXTS,
        "optional": forms.DATES,
        "is_lesson": is_lesson,
        "leagues_shown": theirs,
        "may_edit": view is None or visit.operator.covers(view.entry.league),
        "whole_region": not visit.operator.leagues,
        "kinds": [(one.value, kind_name(t, one)) for one in ContentKind],
        "kind_name": kind_name(t, ContentKind(values.get("kind", ContentKind.ARTICLE))),
        "next_review": visit.now.astimezone(CHINA).date() + REVIEW,
        "history": [],
        "states": [],
    }
    if view is not None:
        today = visit.now.astimezone(CHINA).date()
        shown["states"] = [
            (state_name(t, one), state_look(one)) for one in contents.states(view.entry, today)
        ]
        shown["history"] = [
            (
                one,
                revision_words.action(one, words),
                list(revision_words.lines(RevisionKind.CONTENT, record, words)),
                one.undone_by is None and one.action is not RevisionAction.UNDO,
            )
            for one, record in view.history
        ]
        shown |= await _shown(visit, view.entry)
    return visit.render("content/one.html", shown, status)


async def _shown(visit: Visit, entry: Entry) -> dict[str, object]:
    """The page and the messages, in each language of the piece."""
    parts, found = visit.parts, []
    async with parts.store.reading() as db:
        for locale in (CHINESE, *(("en",) if entry.text_en else ())):
            t = parts.languages.of(locale, None)
            item = administration.item(entry, locale, visit.now)
            chats = await content_previews.in_chats(db, t, item, parts.settings.public_url)
            html = Markup(content_page.body(t, item, PICTURES))  # noqa: S704 - it escapes all texts
            found.append((locale, item.title, html, chats))
    return {"shown": found, "channel_name": lambda channel: channel_name(visit.t, channel)}


def _entry(plan: Plan) -> Entry | None:
    return next(iter([*plan.new, *(one.after for one in plan.changed)]), None)


def _fault(column: str, row: int, advice: str, visit: Visit) -> str:
    if row:
        return visit.t("{field}, line {n}: {advice}", field=column, n=row, advice=advice)
    return visit.t("{field}: {advice}", field=column, advice=advice)


def _address(code: str) -> str:
    return f"/content/items/{quote(code, safe='')}"
