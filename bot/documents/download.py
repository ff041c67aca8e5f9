"""The type of the functions that build the file behind a signed link."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.common.i18n import Translator
from bot.conversation.context import Db
from bot.conversation.replies import Document

Maker = Callable[[Db, int, Translator, datetime], Awaitable[Document | None]]
"""Builds the file for a row's id; None where the row does not exist any more."""
