"""An empty list of stations to be filled in, as a workbook."""

import asyncio
from typing import Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.pages.imports.deeds import XLSX
from bot.console.visits import Visit, get
from bot.documents.station_template import station_template
from bot.services.operators.roles import Right


async def download(visit: Visit) -> Response:
    """The workbook of `yizhan stations template`."""
    book = await asyncio.to_thread(station_template)
    name = quote(f"{visit.t('list of stations')}.xlsx", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(book, media_type=XLSX, headers=headers)


ROUTES: Final[list[BaseRoute]] = [get("/imports/template.xlsx", Right.STATIONS, download)]
