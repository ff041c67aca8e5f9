"""All pages: the menu in its order, and the routes of each. A new page adds a line to both."""

from typing import Final

from starlette.routing import BaseRoute

from bot.console.navigation import MenuItem, Navigation
from bot.console.pages import account, appointments, people, records, reports, sign_in, today
from bot.console.pages.cards import labels, late, lists, pushes, requests
from bot.console.pages.content import importing as content_files
from bot.console.pages.content import listing as content
from bot.console.pages.content import one as content_item
from bot.console.pages.messages import listing as messages
from bot.console.pages.messages import message
from bot.console.pages.stations import listing, station
from bot.services.operators.roles import Right

NAVIGATION: Final = Navigation(
    (
        MenuItem("/", Right.READ, lambda t: t("Today")),
        MenuItem("/stations", Right.READ, lambda t: t("Stations")),
        MenuItem("/messages", Right.MESSAGES, lambda t: t("Messages")),
        MenuItem("/cards", Right.CARDS, lambda t: t("Cards")),
        MenuItem("/appointments", Right.APPOINTMENTS, lambda t: t("Call-backs")),
        MenuItem("/content", Right.CONTENT, lambda t: t("Content")),
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
        *station.ROUTES,
        *messages.ROUTES,
        *message.ROUTES,
        *requests.ROUTES,
        *late.ROUTES,
        *lists.ROUTES,
        *labels.ROUTES,
        *pushes.ROUTES,
        *appointments.ROUTES,
        *content.ROUTES,
        *content_files.ROUTES,
        *content_item.ROUTES,
        *people.ROUTES,
        *records.ROUTES,
    ]
