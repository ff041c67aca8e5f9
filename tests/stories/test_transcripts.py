"""What couriers wrote, word for word, each with what was on the screen and the answer it gets."""

from collections.abc import Sequence

from tests.support.courier import Deployment, Line, lines
from tests.support.stations import HERE
from tests.support.training_stories import TrainingScenario

NOTHING: tuple[str, ...] = ()
LIST = ("here",)
STATION = ("here", "第2家怎么进")
TRAININGS = ("大讲堂",)
TRAINING = ("大讲堂", "第3场")
FORM = ("我卡办到哪了", "同意")

TRANSCRIPTS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (NOTHING, "我摔了 腿断了", "120"),
    (NOTHING, "出车祸了", "122"),
    (NOTHING, "胸口疼", "120"),
    (NOTHING, "救命", "110"),
    (NOTHING, "救护车", "120"),
    (NOTHING, "煤气味", "119"),
    (NOTHING, "不想活了", "12356"),
    (LIST, "不想活了", "12356"),
    (TRAININGS, "救命", "120"),
    (FORM, "我摔了 腿断了", "120"),
    (FORM, "出车祸了", "122"),
    (NOTHING, "都关了", "你是说驿站都没开"),
    (LIST, "都关了", "你是说驿站都没开"),
    (LIST, "都停了", "还是不想再收我的提醒"),
    (TRAININGS, "停课了", "你是说课停了"),
    (NOTHING, "停课了", "你是说课停了"),
    (NOTHING, "中午12点到2点别吵我", "记下了：12:00到14:00不发，其余照常"),
    (NOTHING, "我夜里跑单 白天别发", "记下了：7:30到17:00不发，夜里可以发"),
    (NOTHING, "晚上9点以后别发", "记下了：21:00到7:30不发，其余照常"),
    (NOTHING, "别半夜发", "21:30到7:30本来就不发"),
    (NOTHING, "早上8点前别发", "记下了：21:30到8:00不发"),
    (NOTHING, "22点到7点半别发", "22:00到7:30本来就不发"),
    (LIST, "远不远", "离你300米"),
    (LIST, "怎么走", "新城区测试路1号"),
    (LIST, "给我导航", "新城区测试路1号"),
    (LIST, "几点关门", "现在开着，12:00关门"),
    (LIST, "现在还开着没", "现在开着"),
    (LIST, "电话多少", "0471-0000000"),
    (LIST, "能停车吗", "门口可停"),
    (LIST, "收藏", "收藏了"),
    (LIST, "带啥去", "什么都不用带"),
    (LIST, "还有别的吗", "再远一点的"),
    (LIST, "太远了", "没有更近的了"),
    (STATION, "远不远", "鼓楼驿站：离你900米"),
    (STATION, "怎么走", "新城区测试路2号"),
    (STATION, "几点关门", "鼓楼驿站：现在开着，20:00关门"),
    (STATION, "现在还开着没", "鼓楼驿站：现在开着"),
    (STATION, "电话多少", "鼓楼驿站的电话"),
    (STATION, "能停车吗", "鼓楼驿站：门口可停"),
    (STATION, "收藏", "收藏了"),
    (STATION, "带啥去", "什么都不用带"),
    (STATION, "太远了", "没有更近的了"),
    (TRAININGS, "几点开始", "11月28日周六 09:30–11:30"),
    (TRAININGS, "带啥去", "带上手机就行"),
    (TRAININGS, "加到日历", "哪一"),
    (TRAININGS, "怎么走", "新城区测试路1号"),
    (TRAININGS, "还有别的吗", "培训"),
    (TRAINING, "几点开始", "《冬季骑行安全》：11月28日周六 09:30–11:30"),
    (TRAINING, "带啥去", "带上手机就行"),
    (TRAINING, "加到日历", "日历"),
    (TRAINING, "怎么走", "《冬季骑行安全》：工行新城支行"),
    (TRAINING, "远不远", "新城区测试路1号"),
    (TRAINING, "电话多少", "0471-0000001"),
    (TRAINING, "还有别的吗", "近期培训"),
    (NOTHING, "海拉儿", "海拉尔区"),
    (NOTHING, "康巴石", "康巴什区"),
    (NOTHING, "赛汉区", "赛罕区"),
    (NOTHING, "东盛", "东胜区"),
    (NOTHING, "乌兰查布", "乌兰察布市"),
    (NOTHING, "内蒙古大学", "赛罕区"),
    (NOTHING, "新城宾馆那块", "新城区"),
    (NOTHING, "累死了", "位置"),
    (NOTHING, "冻死了", "位置"),
    (NOTHING, "救急", "位置"),
    (LIST, "how far is it", "300 m from you"),
)


async def _before(courier: Line, steps: Sequence[str]) -> None:
    for step in steps:
        if step == "here":
            await courier.shares(*HERE)
        elif step == "同意":
            await courier.picks(step)
        else:
            await courier.says(step)


async def test_every_transcript_gets_its_answer(
    deployment: Deployment, channel: str, scenario: TrainingScenario
) -> None:
    """One courier for each, so that none remembers another's answer."""
    wrong = []
    chats = lines(deployment, channel, len(TRANSCRIPTS))
    for courier, (before, typed, answer) in zip(chats, TRANSCRIPTS, strict=True):
        await _before(courier, before)
        seen = await courier.says(typed)
        shown = "\n".join((seen.text, *seen.labels, *seen.links))
        if answer not in shown or "没太听懂" in shown:
            wrong.append(f"{before} {typed} → {shown[:120]}")
    assert not wrong, "\n".join(wrong)
    assert len(TRANSCRIPTS) >= 60
