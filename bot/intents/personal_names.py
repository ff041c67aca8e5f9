"""Whether a word may be somebody's name: Chinese, Mongolian written in Chinese or in letters.

A form that asks for a name also receives 好冷啊. Refusing a real name costs its owner one more
message (the form takes it when it is repeated), so doubtful words are refused.
"""

import re
from typing import Final

from bot.common.lazy_pattern import LazyPattern

_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚"
    "邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘"
    "祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟"
    "艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬"
    "师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢"
    "劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初"
    "门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公"
)
_DOUBLE_SURNAMES = (
    "欧阳 上官 司马 诸葛 皇甫 尉迟 慕容 令狐 东方 司徒 呼延 端木 公孙 夏侯 宇文 长孙 完颜 独孤 "
    "南宫 纳兰"
)
_DOUBLE: Final = tuple(_DOUBLE_SURNAMES.split())

# What Mongolian names are written with: 乌云其木格, 斯琴, 那日苏, 额尔敦, 孟和, 其其格.
_SOUNDS: Final = frozenset(
    "阿敖奥巴白拜宝包毕别博布查朝础楚达代岱丹德登迪丁东都敦额恩尔噶嘎高戈格根固哈好浩和贺赫呼胡花吉加"
    "嘉金晶喀凯康克肯库奎拉兰朗勒雷力丽利连琳林玲龙隆鲁伦玛麦满曼毛美门蒙孟米敏莫木慕穆那纳娜娃乃尼宁"
    "努楞嫩诺欧帕彭皮其齐奇琪恰钦琴青清泉仁日荣茹如瑞若萨赛桑色瑟森沙莎山珊哨申胜舒朔斯松苏素孙索塔台"
    "太泰坦唐陶套特腾提帖铁廷通图托陀娃万旺威乌吾希昔锡喜香祥晓辛新雅亚延彦燕央扬耶叶业伊依仪音英永尤"
    "优玉裕元云扎泽札真珠朱卓祖左格嘉措措梅彩其萨仁高娃图雅塔娜哈斯宝音毕力苏和巴特布和满都拉特木尔古"
)
_TALK: Final = LazyPattern(
    "[我你您他她它咱俺们了吗呢吧啊呀嘛哦噢呗啦哪啥谁咋怎么没很的是在个这儿冻饿困累想]|"
    "好冷|好累|好热|今天|明天|后天|昨天|知道|什么|不[要用想行办报是会去到]|太[冷热累]|哈哈|"
    "(?:周|星期|礼拜)[一二三四五六日天末]"
)
# Words that begin with a surname, or are written with the sounds of names, and are no names.
_NO_NAMES = (
    "谢谢 多谢 高兴 和平 安静 安全 时间 时候 马上 马路 方便 方便面 方向 温暖 温度 任意 任务 单独 "
    "单位 单子 常常 平时 平安 平台 关门 关闭 关机 路上 路过 路口 路边 房间 车站 车子 车票 江边 "
    "费用 简单 明白 金额 白天 白班 夏天 司机 国家 万达 华为 康复 充电 安装 成功 全部 全停 全天 "
    "应该 原因 原来 相关 来不及 来晚 来电 都行 都可以 支付 计划 公司 公里 公交 公园 公安 管理 "
    "项目 解绑 解释 连接 边上 商场 商店 门口 门锁 石头 古城 海边 云南 南边 南门 乐意 文化 文件 "
    "文字 曲奇 景区 党员 农村 古镇 米饭 蓝牙 麻烦 麻烦了 呼和浩特 包头 乌海 通辽 赤峰 鄂尔多斯 "
    "呼伦贝尔 海拉尔 东胜 满洲里 锡林浩特 二连浩特 阿拉善 乌兰浩特 乌兰察布 巴彦淖尔 额尔古纳 "
    "牙克石 扎兰屯 康巴什 集宁 临河 丰镇 霍林郭勒 伊金霍洛 阿荣旗 根河 兴安盟 锡林郭勒 红山 松山 "
    "元宝山 新城 赛罕 回民 玉泉 昆区 青山 东河 九原 石拐 海南 苏木 嘎查 满意 通知 通过 通用 东西 "
    "登陆 金山 花费 高德 高速 康师傅 姓名 名字 卫生间 阿里 石家庄"
)
_WORDS: Final = frozenset(_NO_NAMES.split())
_NO_LATIN_NAMES = (
    "hello hi hey help stop cancel quit menu start yes no ok okay where what when how why thanks "
    "thank you please the is are am not station water toilet charge cold food human agent name"
)
_LATIN_TALK: Final = frozenset(_NO_LATIN_NAMES.split())
_HAN: Final = LazyPattern(r"[\u3400-\u9fff]{2,12}")
_PARTS: Final = LazyPattern(r"[\u3400-\u9fff]{1,8}(?:·[\u3400-\u9fff]{1,8}){1,3}")
_LATIN: Final = LazyPattern(r"[a-z][a-z'.-]*(?: [a-z][a-z'.-]*){0,3}", re.IGNORECASE)
_OTHER: Final = LazyPattern(r"[^\W\d_\u3400-\u9fffA-Za-z]+(?:[ .·'-][^\W\d_\u3400-\u9fffA-Za-z]+)*")


def is_name(word: str) -> bool:
    """Whether the whole word may be a personal name. Takes half-width text with `·` in names."""
    if not 2 <= len(word) <= 30:
        return False
    if _HAN.fullmatch(word):
        return not is_phrase(word) and (_is_chinese(word) or _is_mongolian(word))
    if _PARTS.fullmatch(word):
        return not is_phrase(word)
    if _LATIN.fullmatch(word):
        return not _LATIN_TALK & frozenset(word.lower().split())
    return _OTHER.fullmatch(word) is not None


def is_phrase(word: str) -> bool:
    """Whether a text is a phrase or a common word rather than a name."""
    return word in _WORDS or _TALK.search(word) is not None


def _is_chinese(word: str) -> bool:
    if word.startswith(_DOUBLE):
        return 3 <= len(word) <= 4
    married = len(word) == 4 and word[1] in _SURNAMES  # 范徐丽泰
    return word[0] in _SURNAMES and (len(word) <= 3 or married)


def _is_mongolian(word: str) -> bool:
    return all(one in _SOUNDS for one in word)
