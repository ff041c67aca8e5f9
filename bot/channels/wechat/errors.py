"""What the platform's error codes mean for a message.

https://developers.weixin.qq.com/doc/service/guide/dev/ErrorCode.html and the pages of each call.
"""

import re
from datetime import timedelta
from typing import Final

from bot.channels.protocol import Away, DeliveryFailed, Gone, Refused, Throttled, Unreachable

OLD_TOKEN: Final = frozenset({40001, 40014, 42001})
NOT_GRANTED: Final = frozenset({40200, 48001, 48004, 50002})
"""The account may not use this call at all: its type, its certification, or a ban."""

WRONG_SETTINGS: Final = {
    40001: "check YIZHAN_WECHAT_APP_SECRET",
    40013: "check YIZHAN_WECHAT_APP_ID",
    40125: "check YIZHAN_WECHAT_APP_SECRET",
    40164: "add this server's address to the IP white list (IP白名单) of the account",
    40200: "this type of account may not use this call",
    48001: "the account is not certified or lacks this permission (接口权限)",
    48004: "the platform has banned this call for the account",
    50002: "the platform has restricted the account",
}
"""What an administrator can do about a code."""

WINDOW_OVER: Final = frozenset({45015, 45047})
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RID = re.compile(r"rid: ?([0-9A-Za-z-]{1,64})")


class PlatformError(Exception):
    """The platform answered with an error code; `rid` is what its support asks for."""

    def __init__(self, code: int, rid: str) -> None:
        super().__init__(f"WeChat answered {code}")
        self.code = code
        self.rid = rid


def rid_of(message: object) -> str:
    """The request's id in an error message, the only part of it that is worth a log line."""
    found = RID.search(message) if isinstance(message, str) else None
    return found[1] if found else ""


def failure(error: PlatformError) -> DeliveryFailed:
    """What the code means for the message; unlisted codes count as refused."""
    match error.code:
        case 45009:  # the daily quota; a refused retry costs nothing
            return Throttled(HOUR)
        case 45011:
            return Throttled(MINUTE)
        case -1:
            return Unreachable("WeChat is busy")
        case 40001 | 40014 | 42001 | 40013 | 40125 | 40164:
            return Unreachable(f"WeChat refuses our credentials ({error.code})")
        case 40003 | 43004:
            return Gone("not a follower of this account")
        case 45015 | 45047 | 43101 | 48002:
            return Away("the courier must write first")
        case code if code in NOT_GRANTED:
            return Away(f"the account may not send this ({code})")
        case code:
            return Refused(f"WeChat answered {code}")
