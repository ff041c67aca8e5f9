"""The sentences of the dispatcher itself: cut text, expired conversations, failed turns."""

from functools import cache

from bot.common.i18n import Translator
from bot.conversation.phrases import Phrases, TurnPhrases


@cache
def turn_phrases(t: Translator) -> TurnPhrases:
    """In the courier's language; `failed` still holds `{reference}`."""
    return TurnPhrases(
        Phrases(
            pick_a_number=t("(reply with a number)"),
            cut_short=t("(the rest is too long to show)"),
        ),
        expired=t("What we were doing has expired; let us begin again."),
        form_kept=t("(Your form is kept for a day: say “continue” to go on with it.)"),
        form_follows=t("Back to your form:"),
        failed=t("That went wrong on our side, sorry. Please try again. Reference: {reference}"),
    )
