"""The sentences of the dispatcher itself: cut text, expired conversations, failed turns."""

from bot.common.i18n import Translator
from bot.conversation.phrases import Phrases, TurnPhrases


def turn_phrases(t: Translator) -> TurnPhrases:
    """In the courier's language; `failed` still holds `{reference}`."""
    return TurnPhrases(
        Phrases(
            pick_a_number=t("(reply with a number)"),
            cut_short=t("(the rest is too long to show)"),
        ),
        expired=t("What we were doing has expired; let us begin again."),
        failed=t("That went wrong on our side, sorry. Please try again. Reference: {reference}"),
    )
