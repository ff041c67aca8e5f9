"""What Telegram can show, and what we ask it to send us."""

from typing import Final

from bot.conversation.replies import Abilities

NAME: Final = "telegram"

ABILITIES: Final = Abilities(
    text_limit=4096,  # characters after entities, https://core.telegram.org/bots/api#sendmessage
    text_size=4 * 4096,
    max_buttons=24,  # 100 would be taken; nobody reads that many
    pins=1,
    cards=False,
    documents=True,
    location_requests="button",
    push_window=None,
    links="entity",
    abroad=True,
    messages=5,  # about one message a second and chat is allowed
)

# `edited_message` would bring every step of a live location: its first point is enough.
ALLOWED_UPDATES: Final = ("message", "callback_query", "my_chat_member")
