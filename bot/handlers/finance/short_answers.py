"""Short answers to what is asked in the middle of the form for an appointment."""

from collections.abc import Callable
from typing import Final

from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.intents import understand

_RATES: Final = LazyPattern(
    "利[率息]|额度|能贷多少|贷多少|多少钱能|几个点|年化|收益|月供|how much can|interest|rate"
)
_COST: Final = LazyPattern("要钱|收费|多少钱|花钱|免费|手续费|cost|fee")
_BRING: Final = LazyPattern(
    "带(?:啥|什么|哪些|点)|(?:啥|什么|哪些|要)(?:材料|证件|东西|资料)|bring"
)
_WHO: Final = LazyPattern("谁(?:给我)?打|哪个号码打|什么号码|会不会是骗子|who (?:will )?call")
_WHY: Final = LazyPattern(
    "干啥|干嘛|干什么|为啥|为什么|凭啥|安全吗|靠谱|泄露|卖给|隐私|做什么用|why|safe"
)


def answer_to_question(t: Translator, text: str) -> str | None:
    """The answer to a common question; None where the text is none."""
    if understand(text).facilities - {"bank"}:
        return None  # whether the toilet is free is not about the appointment
    return next((answer(t) for sign, answer in _ANSWERS if sign.search(text.casefold())), None)


def _rates(t: Translator) -> str:
    return t("Rates and amounts only the outlet can name, and never before it has seen you.")


def _cost(t: Translator) -> str:
    return t("Asking and being called cost nothing. Whoever wants money first is a fraud.")


def _bring(t: Translator) -> str:
    return t("Bring your original ID card and your phone; the outlet says on the call what else.")


def _who(t: Translator) -> str:
    return t(
        "Somebody of the outlet that you picked. They ask for no code, no password and no money; "
        "if in doubt, hang up and call the outlet yourself."
    )


def _why(t: Translator) -> str:
    return t(
        "Only for the outlet to call you about this; it is kept encrypted, and “delete my data” "
        "takes it all back."
    )


_ANSWERS: Final[tuple[tuple[LazyPattern, Callable[[Translator], str]], ...]] = (
    (_WHO, _who),
    (_RATES, _rates),
    (_BRING, _bring),
    (_COST, _cost),
    (_WHY, _why),
)
