"""All pages: the menu in its order, and the routes of each. A new page adds a line to both."""

from typing import Final

from starlette.routing import BaseRoute

from bot.console.navigation import MenuItem, Navigation
from bot.console.pages import account, people, records, reports, sign_in, today
from bot.console.pages.stations import listing, map_page, printing, station
from bot.services.operators.roles import Right

NAVIGATION: Final = Navigation(
    (
        MenuItem("/", Right.READ, lambda t: t("Today")),
        MenuItem("/stations", Right.READ, lambda t: t("Stations")),
        MenuItem("/people", Right.ACCOUNTS, lambda t: t("People")),
        MenuItem("/records", Right.AUDIT, lambda t: t("Records")),
    )
)


def routes() -> list[BaseRoute]:
    """The routes of all pages."""
    return [
        *sign_in.ROUTES,
        *account.ROUTES,
        *today.ROUTES,
        *reports.ROUTES,
        *listing.ROUTES,
        *map_page.ROUTES,
        *station.ROUTES,
        *printing.ROUTES,
        *people.ROUTES,
        *records.ROUTES,
    ]
