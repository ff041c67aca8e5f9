"""All pages: the menu in its order, and the routes of each. A new page adds a line to both."""

from typing import Final

from starlette.routing import BaseRoute

from bot.console.navigation import MenuItem, Navigation
from bot.console.pages import (
    account,
    appointments,
    honours,
    people,
    records,
    reports,
    sign_in,
    today,
)
from bot.console.pages.cards import labels, late, lists, pushes, requests
from bot.console.pages.content import importing as content_files
from bot.console.pages.content import listing as content
from bot.console.pages.content import one as content_item
from bot.console.pages.conversations import listing as conversations
from bot.console.pages.conversations import one as conversation
from bot.console.pages.conversations import ready as ready_answers
from bot.console.pages.dashboard import page as dashboard
from bot.console.pages.imports import deeds as import_deeds
from bot.console.pages.imports import kind as import_kind
from bot.console.pages.imports import listing as import_listing
from bot.console.pages.imports import preview as import_preview
from bot.console.pages.imports import questions as import_questions
from bot.console.pages.imports import template as import_template
from bot.console.pages.messages import listing as messages
from bot.console.pages.messages import message
from bot.console.pages.stations import (
    duplicates,
    listing,
    map_page,
    merging,
    photos,
    printing,
    station,
)
from bot.console.pages.trainings import adding, attendees, certificates, screen, session
from bot.console.pages.trainings import listing as trainings
from bot.services.operators.roles import Right

NAVIGATION: Final = Navigation(
    (
        MenuItem("/", Right.READ, lambda t: t("Today")),
        MenuItem("/stations", Right.READ, lambda t: t("Stations")),
        MenuItem("/imports", Right.IMPORTS, lambda t: t("Import")),
        MenuItem("/conversations", Right.CONVERSATIONS, lambda t: t("Conversations")),
        MenuItem("/trainings", Right.TRAININGS, lambda t: t("Trainings")),
        MenuItem("/messages", Right.MESSAGES, lambda t: t("Messages")),
        MenuItem("/cards", Right.CARDS, lambda t: t("Cards")),
        MenuItem("/appointments", Right.APPOINTMENTS, lambda t: t("Call-backs")),
        MenuItem("/content", Right.CONTENT, lambda t: t("Content")),
        MenuItem("/honours", Right.HONOURS, lambda t: t("Honours")),
        MenuItem("/dashboard", Right.READ, lambda t: t("Figures")),
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
        *photos.ROUTES,
        *printing.ROUTES,
        *merging.ROUTES,
        *duplicates.ROUTES,
        *import_template.ROUTES,
        *import_listing.ROUTES,
        *import_kind.ROUTES,
        *import_preview.ROUTES,
        *import_questions.ROUTES,
        *import_deeds.ROUTES,
        *trainings.ROUTES,
        *adding.ROUTES,
        *session.ROUTES,
        *attendees.ROUTES,
        *certificates.ROUTES,
        *screen.ROUTES,
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
        *honours.ROUTES,
        *dashboard.ROUTES,
        *conversations.ROUTES,
        *ready_answers.ROUTES,  # before the conversations' numbers
        *conversation.ROUTES,
        *people.ROUTES,
        *records.ROUTES,
    ]
