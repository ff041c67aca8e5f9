"""Coordinate systems in the words of people who copy coordinates from maps."""

from bot.common.i18n import Translator
from bot.geo.datum import Datum


def datum_name(datum: Datum, t: Translator) -> str:
    """From which maps coordinates are."""
    match datum:
        case Datum.WGS84:
            return t("GPS coordinates")
        case Datum.GCJ02:
            return t("coordinates of Amap or Tencent")
        case Datum.BD09:
            return t("coordinates of Baidu")
