"""Which money matter a message is about: wages, savings, loans, instalments, insurance, financing.

By words only, as there are few and they are plain; whether a message is about fraud is asked before
this (`bot.intents.subjects.scams`). The codes are those of the services in `bot.common.facilities`.
"""

from typing import Final

from bot.common.lazy_pattern import LazyPattern
from bot.intents.normalise import normalise

GENERAL: Final = ""
"""About money, but about no single topic."""


def money_topic(text: str) -> str | None:
    """The code of the topic, `GENERAL`, or None for what is about something else."""
    words = normalise(text)
    if _OTHER.search(words):
        return None
    return next((topic for topic, pattern in _TOPICS if pattern.search(words)), None)


def asks_for_appointment(text: str) -> bool:
    """Whether somebody of the bank is to phone or be met: 让银行给我打电话, 约个网点."""
    return _APPOINTMENT.search(normalise(text)) is not None


def asks_for_own_appointments(text: str) -> bool:
    """Whether it is about appointments that were made: 取消预约, 我约的那个不去了."""
    return _OWN_APPOINTMENT.search(normalise(text)) is not None


_OTHER: Final = LazyPattern(
    "课|培训|讲座|讲堂|学习|提醒|通知|保险[杠柜丝箱]|奋斗卡.{0,6}(?:到哪|进度|咋办|怎么办|激活|下来)"
    "|(?:信用)?卡.{0,6}(?:到哪|办到|办哪|进度|下来|激活|挂失|丢了|领|取)|代收货款|到付|货款|快递费|运费"
    "|(?:附近|最近|哪里?|哪儿|周围|旁边).{0,6}(?:取钱|取款|取现|存钱|存款|atm|柜员机|换零钱)"
    "|工资.{0,4}(?:多少钱|高不高)|取消|撤销|同意|驿站.{0,6}保险|单子|派单|罚款|差评"
)
_FIRM: Final = (
    "(?:公司|企业|站点|(?<!哪个)(?<!哪家)(?<!哪)网点(?!能|可以|办)|加盟"
    "|老板|店|个体|合伙|买车队|车队|小微|法人)"
)
_BORROW: Final = "(?:贷款|借钱|借款|借点|贷点|贷到?钱|周转|资金|融资|贷|缺钱)"
_TOPICS: Final = (
    (
        "financing",
        LazyPattern(
            f"融资|对公(?:贷|业务)|经营贷|企业贷|流水贷|普惠贷|{_FIRM}.{{0,8}}{_BORROW}"
            rf"|{_BORROW}.{{0,4}}(?:给|开|办){_FIRM}|\bfinancing\b|business loan"
            "|loan for (?:my|our) (?:firm|company|business|depot)"
        ),
    ),
    (
        "payroll",
        LazyPattern(
            "[工公]资卡|代发工资|代发|开资|(?:没|不|还没|啥时候|几号|哪天|给|拖着?)开支|(?:工资|薪水|薪资|工钱).{0,6}(?:咋发|怎么发|啥时候|什么时候|几号|哪天|发到"
            "|还没发|没发|不发|拖|欠|到账|没到|少发|扣|卡里|怎么领|咋领|怎么算|咋算|怎么看|条)"
            "|(?:咋|怎么|啥时候|什么时候|几号|哪天|拖着?|不给|欠(?:我们?|俺们?|咱)?的?|没|还没|还不|按时|换.{0,3}卡)(?:发|开|给|领)?"
            "(?:工资|薪水|薪资|工钱)|发薪|发工资|开工资|领工资|薪酬|欠薪|gongzi"
            r"|\bsalary\b|\bpayroll\b|\bwages?\b|\bpay ?day\b|\bpay ?slip\b"
        ),
    ),
    (
        "instalment",
        LazyPattern(
            "信用卡|分期|花呗|白条|刷卡|账单日|还款日|最低还款|fenqi|xinyongka"
            r"|\bcredit cards?\b|\binstall?ments?\b"
        ),
    ),
    (
        "loan",
        LazyPattern(
            "贷款|借款|网贷|房贷|车贷|小额贷|借呗|微粒贷|能贷|贷不|贷多少|贷到?钱|贷点|想贷|要贷|借点钱"
            "|跟银行借|找银行借|(?:银行|哪里?|哪儿|哪能|能|可以|想|咋|怎么)借(?:到|点|着)?钱|缺钱|手头紧|周转"
            "|征信|借(?:我|俺)点?钱|银行.{0,3}借|倒个?短|[贷带]宽|带款|daikuan|jieqian|还不(?:上|起)(?:钱|款|贷|了)"
            r"|\bloans?\b|\bborrow(?:ing)?\b|\blend(?:ing)?\b|\bmortgage\b"
            "|credit (?:record|score|report)"
        ),
    ),
    (
        "insurance",
        LazyPattern(
            "工伤|(?:意外|医疗|人身|三者|车|商业|交通)险|保险|社保|五险|医保|养老金|公积金|baoxian|gongshang"
            "|摔.{0,6}(?:谁赔|赔不|赔吗|报销|给报)|撞.{0,6}(?:谁赔|赔不|赔吗)"
            r"|\binsurances?\b|\binsured\b|work(?:place)? injur|social security|\bpension\b"
        ),
    ),
    (
        "saving",
        LazyPattern(
            "理财|钱(?:咋|怎么|往哪)?存(?!车)|攒钱|攒点|存(?:定期|活期|点钱|银行|起来|哪)|定期存|存钱|存款|利息|基金|国债|大额存单|余额宝"
            r"|licai|cunqian|\bsavings?\b|\bsave (?:some |my |up |a little )?money\b"
            r"|\binvest(?:ing|ment)?s?\b|\binterest rates?\b|\bdeposits?\b"
        ),
    ),
    (
        GENERAL,
        LazyPattern(
            "钱的事|金融服务|金融业务|金融问题|银行业务|银行能(?:办|帮)|理钱|管钱"
            r"|money matters|financial services?|\bbanking\b"
        ),
    ),
)
_APPOINTMENT: Final = LazyPattern(
    "约一下|(?<![大网节合])约(?!莫|多)[^0-9米里远课]{0,6}(?:去|到|跟|和)(?:银行|网点|工行|支行)"
    "|(?:跟|和)(?:银行|网点|工行|支行).{0,3}约|(?:让|叫|找)(?:个|银行)?的?人.{0,3}(?:打|回)个?电话.{0,10}"
    "(?:贷款|工资卡|理财|存款|分期|保险|工伤|融资)|预约.{0,2}(?:办|谈|问).{0,4}"
    "(?:贷款|工资卡|理财|存款|信用卡|分期|保险|工伤|融资)|(?:帮我|给我|我要|我想|想|要)?(?:预约|约个?|约一?下).{0,4}(?:网点|银行|工行|支行|客户经理|经理|柜台)"
    "|(?:让|叫|请)(?:银行|工行|网点|支行|客户经理|银行的人).{0,4}(?:打|回|联系|找)"
    "|(?:银行|网点|工行|支行).{0,6}(?:给我|跟我)(?:打|回)个?电话|yuyue"
    r"|\bappointments?\b|call me back|\bcall ?back\b"
)
_OWN_APPOINTMENT: Final = LazyPattern(
    "我的?预约(?!个|一下|办|去)|预约.{0,4}(?:取消|进度|咋样|到哪)|(?:取消|不要|撤).{0,4}预约"
    "|我?(?:约的|预约的)(?:那个|网点|银行|电话|时间)?.{0,4}(?:不去|去不了|不要|取消|改|啥时候|几点)"
    r"|\b(?:cancel|change) (?:my |the )?appointment|\bmy appointments?\b"
)
