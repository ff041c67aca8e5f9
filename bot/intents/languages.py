"""In which language a message is written, and which language it asks for."""

from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.normalise import normalise

_ENGLISH: Final = frozenset(
    "a about all am an and any anything are around at be by can cannot cant card check class "  # noqa: SIM905
    "close closest could did do does dont first for from get gimme give go got had has have "
    "here how i if im in is it its lol me my near nearest need no not now of off on one open "
    "or please pls right second show so some somewhere still stop thanks that the then there "
    "they thing third this tho those to tonight u up want was we what when where wheres which "
    "who why will with would ya yo you your".split()
)
_WORD: Final = LazyPattern("(?<![0-9a-z'])[a-z']+(?![0-9a-z'])")  # none amid the digits of a code
_LETTER: Final = LazyPattern("[\u3400-\u9fff]")
_WORDS: Final = LazyPattern("[A-Za-zＡ-Ｚａ-ｚ][^A-Za-zＡ-Ｚａ-ｚ]+[A-Za-zＡ-Ｚａ-ｚ]")
"""More than one word in Latin letters, before anything is unified."""
_FEWEST: Final = 2  # one such word may be the syllable of a place: an, ya, you

_SWITCH: Final = LazyPattern(
    r"换|切|改|转|变|说|用|要|回|恢复|调|\b(?:switch|change|back|speak|talk|use|in|to|want|go)\b"
)
_NAMES: Final = {
    "en": LazyPattern("英文|英语|洋文|english|yingwen|yingyu"),
    "zh_CN": LazyPattern("中文|汉语|汉字|汉文|国语|普通话|chinese|hanyu|zhongwen|mandarin"),
}
_NEXT: Final = LazyPattern("[,.!?]|" + "|".join(names.pattern for names in _NAMES.values()))
_POOR: Final = LazyPattern(
    r"不好|不会|不懂|看不|认不|不认|慢|不顺|差|难|sucks?|bad|weird|poor|not good|hard|can'?t"
)
_SURPRISED: Final = LazyPattern("怎么(?:变|是|成)|咋(?:变|是|成)|为啥|为什么")
_BACK: Final = LazyPattern(r"[换改变切调]回|\b(?:switch|change) back\b")
_UNWANTED: Final = LazyPattern("(?:不要|别|不用|不想|不看|(?:咋|怎么)(?:是|变成|成))(?:说|用|看)?$")
_LONGEST: Final = 60  # characters of a message that asks for a language and no more
_OF_A_COURSE: Final = LazyPattern("讲|课|培训|学|教")
_MONGOLIAN: Final = LazyPattern(
    "蒙古?[语文]|蒙古话|蒙话|[\u1800-\u18aa]|[\u0400-\u04ff]{3}"
    r"|\bmongol(?:ian|oor|iar)?\b|\bheleer\b|\bbolohuu?\b|\bsain ?(?:uu|bainuu|baina)\b"
)


def is_english(text: str) -> bool:
    """Whether a message as typed is English, though it names a place or a card in Chinese.

    Pinyin is not, nor is a single word, which may be a name.
    """
    if not _WORDS.search(text):
        return False
    plain = normalise(text)
    words = [word.replace("'", "") for word in _WORD.findall(plain)]
    common = sum(word in _ENGLISH for word in words)
    return common >= _FEWEST and 2 * len(words) >= len(_LETTER.findall(plain))


def spoken_to(text: str | None, claimed: str | None, spoken: str | None) -> str | None:
    """The language to answer in where none was chosen.

    `text` is what was typed, None for a press or a location; `claimed` is the language of the
    courier's client, `spoken` the one answered in last. Who writes English is answered in it, and
    goes on being so until they write Chinese.
    """
    if text is not None and is_english(text):
        return "en"
    if spoken == "en" and not _LETTER.search(text or ""):
        return spoken
    return claimed or spoken


def wants_mongolian(text: str) -> bool:
    """Whether Mongolian is asked for, or is what the message is written in."""
    return _MONGOLIAN.search(normalise(text)) is not None and not _OF_A_COURSE.search(text)


def wanted_language(text: str) -> str | None:
    """The locale that a message asks for (换回汉语, switch to english); None where it names none.

    A language that is called hard (my 中文 sucks) is not the one.
    """
    plain = normalise(text)
    if _SURPRISED.search(plain) and not _BACK.search(plain):
        return None
    if not _SWITCH.search(plain) or len(plain) > _LONGEST or _OF_A_COURSE.search(plain):
        return None
    found = {
        locale
        for locale, names in _NAMES.items()
        for match in names.finditer(plain)
        if not _POOR.search(_NEXT.split(plain[match.end() :])[0])
        and not _UNWANTED.search(plain[: match.start()])
    }
    return found.pop() if len(found) == 1 else None
