"""All pages: the menu in its order, and the routes of each. A new page adds a line to both."""

from typing import Final

from starlette.routing import BaseRoute

from bot.console.navigation import MenuItem, Navigation
from bot.console.pages import account, people, records, reports, sign_in, today
from bot.console.pages.conversations import listing as conversations
from bot.console.pages.conversations import one as conversation
from bot.console.pages.conversations import ready as ready_answers
from bot.console.pages.stations import listing, station
from bot.services.operators.roles import Right

NAVIGATION: Final = Navigation(
    (
        MenuItem("/", Right.READ, lambda t: t("Today")),
        MenuItem("/stations", Right.READ, lambda t: t("Stations")),
        MenuItem("/conversations", Right.CONVERSATIONS, lambda t: t("Conversations")),
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
        *conversations.ROUTES,
        *ready_answers.ROUTES,  # before the conversations' numbers
        *conversation.ROUTES,
        *people.ROUTES,
        *records.ROUTES,
    ]
