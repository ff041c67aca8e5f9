"""The few sentences that a turn itself says, worded by `bot.handlers.system_phrases`."""

from bot.common.values import value


@value
class Phrases:
    """What fitting a reply to a channel needs, in the courier's language."""

    pick_a_number: str
    cut_short: str


@value
class TurnPhrases:
    """What fitting needs, and what is said when a step has expired or a turn failed.

    `failed` holds the placeholder `{reference}`.
    """

    fitting: Phrases
    expired: str
    failed: str
    form_kept: str
    """Said once where a form is left for something else."""
    form_follows: str
    """Goes before a form's question where something else was answered first."""
