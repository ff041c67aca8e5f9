"""Addresses of a station that was merged into another one lead to that one."""

from functools import wraps
from urllib.parse import quote

from starlette.responses import Response

from bot.console.visits import Page, Visit
from bot.services.stations.merging.redirects import StationMerged


def follows(page: Page) -> Page:
    """The page, or where its station went; nothing is changed then, which is said."""

    @wraps(page)
    async def respond(visit: Visit) -> Response:
        try:
            return await page(visit)
        except StationMerged as merged:
            code, into = merged.code, merged.into
            said = visit.t("{code} was merged into this station.", code=code)
            if visit.request.method == "POST":
                said += visit.t(" Nothing was changed by you.")
            return visit.redirect(f"/stations/{quote(into.code, safe='')}", said)

    return respond
