"""Which messages tell of an emergency, in both languages, and which only sound like one."""

import csv

import pytest

from bot.intents.emergencies import TABLE, Emergency, emergency


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("不想活了", Emergency.DESPAIR),
        ("活着没啥意义了", Emergency.DESPAIR),
        ("真的活不下去了，太难了", Emergency.DESPAIR),
        ("我想死", Emergency.DESPAIR),
        ("I don't want to live any more", Emergency.DESPAIR),
        ("I want to kill myself", Emergency.DESPAIR),
        ("屋里有煤气味", Emergency.GAS),
        ("闻到煤气了 头晕", Emergency.GAS),
        ("I smell gas", Emergency.GAS),
        ("电瓶着火了！！", Emergency.FIRE),
        ("我电池冒烟了", Emergency.FIRE),
        ("my battery is on fire", Emergency.FIRE),
        ("出车祸了", Emergency.CRASH),
        ("我被车撞了", Emergency.CRASH),
        ("被一辆货车撞了", Emergency.CRASH),
        ("送餐路上撞车了怎么办", Emergency.CRASH),
        ("I was hit by a car", Emergency.CRASH),
        ("有人打我", Emergency.CRIME),
        ("我要报警", Emergency.CRIME),
        ("call the police", Emergency.CRIME),
        ("胸口疼", Emergency.ILLNESS),
        ("胸口 疼 得 厉 害", Emergency.ILLNESS),
        ("喘不上气", Emergency.ILLNESS),
        ("有个骑手晕倒了", Emergency.ILLNESS),
        ("chest pain", Emergency.ILLNESS),
        ("I can't breathe", Emergency.ILLNESS),
        ("我摔了 腿断了", Emergency.INJURY),
        ("摔倒了站不起来", Emergency.INJURY),
        ("手上一直流血", Emergency.INJURY),
        ("I fell off my bike", Emergency.INJURY),
        ("救命", Emergency.HELP),
        ("救 命 啊！", Emergency.HELP),
        ("快叫救护车", Emergency.HELP),
        ("jiuming", Emergency.HELP),
        ("ambulance please", Emergency.HELP),
        ("SOS", Emergency.HELP),
        ("120", Emergency.HELP),
        ("１１０！", Emergency.HELP),
        ("122", Emergency.CRASH),
        ("不想活了 刚出车祸", Emergency.DESPAIR),  # the other number first
        ("活着真没劲 撑不下去了", Emergency.DESPAIR),
        ("站桥上就想跳下去得了", Emergency.DESPAIR),
        ("我徒弟发朋友圈说想一了百了", Emergency.DESPAIR),
        ("no point living anymore", Emergency.DESPAIR),
        ("feel like theres no point in anything", Emergency.DESPAIR),
        ("日子没法过了 真想喝点药算了", Emergency.DESPAIR),
        ("从楼梯滚下来 起不来身", Emergency.INJURY),
        ("前面出租冒烟了 里头有人", Emergency.FIRE),
        ("屋里点着炉子，俩人都恶心", Emergency.GAS),
        ("撞了！！", Emergency.CRASH),
        ("让大货车给撞了 人没事", Emergency.CRASH),
        ("连人带车翻沟里了", Emergency.CRASH),
        ("胸口从中午开始就有点闷", Emergency.ILLNESS),
        ("同事脸煞白 怎么喊都没反应", Emergency.ILLNESS),
        ("左胳膊有点麻 心口这儿疼", Emergency.ILLNESS),
        ("my chest has been tight all day", Emergency.ILLNESS),
        ("滑倒了，脚脖子肿老高", Emergency.INJURY),
        ("胳膊抬不起来了", Emergency.INJURY),
        ("手 割 了 口子 血 多", Emergency.INJURY),
        ("there's blood everywhere", Emergency.INJURY),
    ],
)
def test_an_emergency_is_recognised(typed: str, kind: Emergency) -> None:
    assert emergency(typed) is kind


@pytest.mark.parametrize(
    "typed",
    """累死了|冻死了|饿死了 哪有饭|热死了|困死了|气死了|笑死我了|烦死了|我快累死了 哪有热水
    |急死我了|想死你了|手机没电了 要死了|救急|救急，帮我找个厕所|急救课|急救培训几号|有急救箱吗
    |救命恩人|腿都快断了|腿快跑断了 歇会|差点出车祸|吓死我了 差点撞上|没摔着|没受伤 就是冷|别中暑了
    |车祸保险怎么赔|骨折能报销吗|受伤了算工伤吗|去年骨折过|怕摔了|餐撒了 我摔了餐
    |我摔了手机|手机摔了
    |心疼|心里疼|不想活动|停车|停课|火锅店附近|着急上火|卡被锁了|打卡|被打回来了|死机了|帮助|帮帮我找个站
    |充电器坏了|自杀预防讲座|消防培训什么时候|help|I'm dying of cold|my app crashed|first aid course
    |我室友要打我了哈哈|手机好像动不了了|车动不了了 没电|累得动不了|车胎没气了|想跳槽|桥上想找个厕所
    |卡动不了|电瓶没气了|坚持不下去了 找个地方歇会
    |撞单了|撞衫了|手机中毒了|battery must be dead|can't feel my fingers
    |accident insurance|is there hot water|nearest station|I am tired to death""".replace(
        "\n", ""
    ).split("|"),
)
def test_what_only_sounds_like_one_is_none(typed: str) -> None:
    assert emergency(typed.strip()) is None


def test_every_row_of_the_table_is_used_once() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [(row["kind"], row["phrase"]) for row in csv.DictReader(file)]
    assert {kind for kind, _ in rows} == {"not", *Emergency}
    phrases = [phrase for _, phrase in rows]
    assert len(phrases) == len(set(phrases))
    for kind, phrase in rows:
        if kind == "not":
            continue
        assert emergency(phrase.strip("=").replace("…", "")) is not None, phrase
