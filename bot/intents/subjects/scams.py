"""Red flags of fraud in a message, and whether a courier asks about fraud at all.

The rules are `bot/data/scam_rules.csv`: words of both languages by flag, with why it is one and
what to do. `…` in a phrase stands for at most six characters of the same sentence, `……` for
eighteen. A text without flags is not safe: nothing here says so.
"""

import csv
import re
import unicodedata
from functools import cache
from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.common.values import value
from bot.data import DATA

TABLE: Final = DATA / "scam_rules.csv"
LONGEST: Final = 1000
"""Characters that are read."""
PASTED: Final = 25
"""Characters from which on a text with two flags is taken for a pasted message."""
MASS: Final = 20
"""The same with one flag, for a text in the words of messages to many."""

_GAP: Final = "[^.!?;\n]{0,6}"
_WIDE_GAP: Final = "[^.!?;\n]{0,18}"
_MARKS: Final = str.maketrans("。、「」『』“”‘’…", '.,""""""\'\'.')
_HAN: Final = "\u3400-\u9fff"
_BLANKS: Final = LazyPattern(f"(?<=[{_HAN}])[ \t]+|[ \t]+(?=[{_HAN}])")

_URL: Final = LazyPattern(
    r"https?://|www\.|(?<![a-z0-9@.])[a-z0-9-]{2,}(?:\.[a-z0-9-]+)*"
    r"\.(?:cn|com|net|org|top|xyz|vip|cc|icu|club|shop|site|online|info|app|ltd|tk|me|io|ly|im)"
    r"(?![a-z0-9])"
)
_MAP: Final = LazyPattern(
    r"(?:https?://)?[a-z0-9.-]*(?:amap|autonavi|gaode|map\.baidu|j\.map|map\.qq|maps\.google|google|goo"
    r"|maps\.apple|openstreetmap|osm)\.[a-z]{2,3}\S*"
)
"""Links of maps: where somebody is, and no message of a stranger."""
_FOREIGN: Final = LazyPattern(r"(?<![\d+])(?:\+|00)(?!86)[ -]?[1-9](?:[ -]?\d){6,13}(?!\d)")


@value
class ScamRule:
    """One red flag: its name, why it is one and what to do, in each language."""

    code: str
    name: tuple[str, str]
    why: tuple[str, str]
    todo: tuple[str, str]
    words: LazyPattern


@cache
def rules() -> tuple[ScamRule, ...]:
    """All rules, in the order of the table: the most harmful first."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            ScamRule(
                row["code"],
                (row["name_zh"], row["name_en"]),
                (row["why_zh"], row["why_en"]),
                (row["do_zh"], row["do_en"]),
                LazyPattern("|".join(map(_pattern, row["words"].split("|")))),
            )
            for row in csv.DictReader(file)
        )


def red_flags(text: str) -> tuple[ScamRule, ...]:
    """The rules that a text breaks, in the order of the table; empty does not mean safe."""
    plain = _plain(text)
    extra = {"link": _URL, "abroad_number": _FOREIGN}
    return tuple(
        rule
        for rule in rules()
        if rule.words.search(plain) or (rule.code in extra and extra[rule.code].search(plain))
    )


def asks_about_scams(text: str) -> bool:
    """Whether a message asks if something is fraud, tells of it, or is a pasted suspicious one."""
    plain = _plain(text)
    if _LESSON.search(plain):
        return False
    if _ASKS.search(plain) or _URL.search(_MAP.sub("", plain)):
        return True
    if len(plain) < MASS:
        return False
    flags = len(red_flags(plain))
    return (flags > 0 and _MASS_WORDS.search(plain) is not None) or (
        flags > 1 and len(plain) >= PASTED
    )


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).casefold().translate(_MARKS)
    shown = "".join(one for one in folded if unicodedata.category(one) not in {"Cf", "So", "Mn"})
    return _BLANKS.sub("", shown)


def _pattern(phrase: str) -> str:
    escaped = _WIDE_GAP.join(
        _GAP.join(map(re.escape, part.split("…"))) for part in phrase.split("……")
    )
    return rf"(?<![a-z]){escaped}(?![a-z])" if phrase[0].isascii() else escaped


_MASS_WORDS: Final = LazyPattern(
    "您|恭喜|尊敬的|亲,|【|点击|添加|进群|入群|加群|加微|领取|回复[a-z0-9]|退订|名额有限"
    "|dear |congratulations"
)
# What is learnt or handed on about fraud is a lesson.
_LESSON: Final = LazyPattern(
    "(?:课|培训|讲座|讲堂|证书|报名).{0,6}(?:诈骗|防骗)|(?:防|反)(?:诈骗|骗|诈)(?:的)?"
    "(?:课|培训|讲座|知识|证书|微课|那课|那场)|(?:停|关|开)(?:掉|了|启)?防骗"
    r"|\blessons? (?:about|on) (?:fraud|scams?)|\b(?:fraud|scam) lessons?"
)
_WHO: Final = (
    "(?:有人|有个人|他|她|对方|人家|客服|站长|老板|工作人员|业务员|中介|陌生人|打电话的|电话里|网上|群里"
    "|平台|银行的?人|说是.{1,8}|自称.{1,8})"
)
_ASKS: Final = LazyPattern(
    f"(?:{_WHO}|电话|客服).{{0,10}}(?:让|叫|要)(?:我|俺|你)?.{{0,2}}(?:下|装)载?(?:个|一个)?.{{0,4}}(?:软件|app|程序)"
    "|交.{0,8}(?:费|钱|押金).{0,4}才(?:能|给|让)|^(?:这是|是不是|又是)?[遍篇偏]子|[遍篇偏]子(?:电话|又来|吧|不)"
    "|(?:让|叫|要)(?:我|俺).{0,3}把.{0,4}(?:银行卡|卡号)"
    "|做任务.{0,6}(?:返|赚)|返(?:我|你)?钱|骗子|诈骗|骗局|是不是骗|是骗|骗我|骗人|骗钱|骗了|被骗|受骗|上当|杀猪盘|套路贷|钓鱼(?:链接|网站|短信|网址)"
    "|刷单|裸聊|跑分|安全账户|共享屏幕|屏幕共享|修复征信|征信修复"
    "|(?:链接|短信|网址|二维码|信息|消息|邮件).{0,8}(?:能|可以|敢|该|要)(?:不能)?.{0,2}(?:点|信|打开|进|扫|填|回)"
    "|(?:这|那|这个|那个)(?:电话|号码|短信|链接|二维码|网址|公众号|群).{0,6}(?:真|假|靠谱|可靠|可信|正规|安全)"
    "|(?:靠谱|可信|是真的?|真的假的|真假).{0,4}(?:贷|放款|兼职|投资|返利|退款|中奖)"
    "|(?:贷款?|放款|兼职|投资|返利|退款|中奖|补贴).{0,12}(?:靠谱|可信|是真的?吗|真的假的|真假|是不是真)"
    "|(?:(?:让|叫|喊|催|逼)(?:我|俺|咱|你|人)?|要(?:我|俺|咱))(?:先|马上|立刻|赶紧)?.{0,3}"
    "(?:交|付|打|转|充|缴|垫|汇)(?:个|点|一下|笔)?.{0,4}(?:钱|费|款|押金|保证金|账)(?!电)"
    f"|{_WHO}.{{0,12}}(?:验证码|校验码|支付密码|银行卡密码|共享|远程)"
    "|(?:验证码|支付密码|银行卡密码|身份证照片?).{0,6}(?:发给|告诉|给他|给她|给对方|报给|念给|给别人|能给|可以给|给不给|要不要给)"
    "|(?:收|租|借)(?:我的?|你的?)?(?:银行卡|电话卡)|(?:银行卡|电话卡)(?:能|可以)?(?:租|借|卖)"
    "|96110|反诈|刷流水|解冻费|充值才能|才能(?:放款|下款|提现|到账)|点(?:开|击)?.{0,2}链接|链接.{0,3}(?:领|恢复|认证|激活)"
    "|先(?:打|交|付|转|充|缴|给|收)(?:个|点|一笔)?.{0,4}(?:保证金|手续费|押金|激活费|流水|定金|会员费|工本费|认证金)"
    r"|\bscam|\bfraud|\bphishing|\bswindle|is (?:this|it) (?:real|legit|genuine|safe)"
    r"|cheat(?:ed|ing) me|pay (?:a fee |money |something )?(?:first|up ?front)"
    r"|asks? (?:me )?for (?:the|my|a) (?:\w+ )?code"
)
