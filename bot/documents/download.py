"""How a file behind a signed link is made."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.common.i18n import Translator
from bot.conversation.context import Db
from bot.conversation.replies import Document

Maker = Callable[[Db, int, Translator, datetime], Awaitable[Document | None]]
"""The file of that row, None where there is none any more."""
