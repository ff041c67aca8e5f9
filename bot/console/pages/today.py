"""What needs a person today, each with a link to where it is done."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.console.visits import Visit, get
from bot.services.operators.roles import Right


async def show(visit: Visit) -> Response:
    """The first page."""
    return visit.render("today.html", {"groups": []})


ROUTES: Final[list[BaseRoute]] = [get("/", Right.READ, show)]
