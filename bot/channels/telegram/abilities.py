"""The abilities of Telegram, and the kinds of update that we subscribe to."""

from typing import Final

from bot.conversation.replies import Abilities

NAME: Final = "telegram"

ABILITIES: Final = Abilities(
    text_limit=4096,  # characters after entities, https://core.telegram.org/bots/api#sendmessage
    text_size=4 * 4096,
    max_buttons=24,  # 100 are possible; nobody reads that many
    pins=1,  # a list of places stays one message; a single place is a venue
    articles=False,
    documents=True,
    location_requests="button",
    push_window=None,
    links="entity",
    abroad=True,
    messages=5,  # about one message a second is allowed in each chat
)

# not `edited_message`: it brings every point of a live location, of which the first is enough
ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
