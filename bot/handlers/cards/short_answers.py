"""Short answers to what couriers ask in the middle of a form about the card."""

from collections.abc import Callable
from typing import Final

from bot.common.i18n import Translator
from bot.common.lazy_pattern import LazyPattern
from bot.intents import understand

_BRING: Final = LazyPattern(
    "带(?:啥|什么|哪些|点|身份证)|(?:啥|什么|哪些|要)(?:材料|证件|东西|资料)|bring"
)
_HOW_LONG: Final = LazyPattern("多久|几天|多长时间|什么时候(?:能|下来|到|办)|啥时候|how long")
_COST: Final = LazyPattern("要钱|收费|多少钱|花钱|年费|免费|手续费|工本费|cost|fee")
_WHY: Final = LazyPattern(
    "(?:干啥|干嘛|干什么|为啥|为什么|咋还?要|凭啥|安全吗|靠谱|骗|泄露|卖给|隐私|做什么用|why|safe)"
)
_WHERE_NUMBER: Final = LazyPattern(
    "编?号儿?(?:在哪|是啥|是什么|是打|长啥样|哪)|哪个编号|什么编号|啥编?号|啥是编号|一长串"
    "|短信里.{0,3}(?:那|的|吗|么)|是零|零还是|字母[oO欧]"
    "|in the (?:sms|text|message)|(?:which|what|that) number"
)
_ONLY_ID: Final = LazyPattern(
    "没带|身份证(?:丢|没)|复印件行|照片行|别人(?:替|代)|代(?:办|领|取)|帮.{0,4}(?:领|取|办)|临时"
    "|捎|媳妇|老婆|弟兄|兄弟|统一领|一块儿?领|本人去|给.{0,4}拉回"
)


def answer_to_question(t: Translator, text: str) -> str | None:
    """The answer to a common question about the card; None where the text is none."""
    if understand(text).facilities - {"bank"}:
        return None  # whether the toilet is free is not about the card
    for pattern, answer in _ANSWERS:
        if pattern.search(text.lower()):
            return answer(t)
    return None


def _bring(t: Translator) -> str:
    return t("Bring your original ID card and your phone, and go yourself.")


def _in_person(t: Translator) -> str:
    return t("Only in person, with the original ID card; a copy, a photo or a friend will not do.")


def _how_long(t: Translator) -> str:
    return t(
        "Many outlets make the card right at the counter; where it is made centrally the outlet "
        "says how long. “Where is my card” shows each step."
    )


def _cost(t: Translator) -> str:
    return t("I charge nothing. What the card costs is what the bank says: ask before you sign.")


def _why(t: Translator) -> str:
    return t(
        "Only to find your application or to have the outlet phone you; it is kept encrypted, and "
        "“delete my data” takes it all back."
    )


def _where_number(t: Translator) -> str:
    return t("It is on the receipt of your application or in the bank's text message.")


_ANSWERS: Final[tuple[tuple[LazyPattern, Callable[[Translator], str]], ...]] = (
    (_ONLY_ID, _in_person),
    (_BRING, _bring),
    (_HOW_LONG, _how_long),
    (_COST, _cost),
    (_WHERE_NUMBER, _where_number),
    (_WHY, _why),
)
