"""Landmarks by an optional geocoder, against a small Nominatim on this machine."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from bot.geo.datum import Datum
from bot.services.stations.geocoding import Geocoder
from tests.conftest import ManualClock
from tests.support.courier import Deployment, lines
from tests.support.stations import HERE, create_stations


@dataclass
class FakeNominatim:
    """`GET /search`: answers what it was told to, and remembers what it was asked."""

    answer: str = "[]"
    status: int = 200
    asked: list[str] = field(default_factory=list)
    host: str = ""

    async def search(self, request: web.Request) -> web.Response:
        self.asked.append(request.query["q"])
        return web.Response(text=self.answer, status=self.status, content_type="application/json")

    def options(self) -> str:
        return f'{{"domain": "{self.host}", "scheme": "http", "user_agent": "yizhan-test"}}'


@pytest.fixture
async def nominatim() -> AsyncIterator[FakeNominatim]:
    """Listening."""
    fake = FakeNominatim()
    app = web.Application()
    app.router.add_get("/search", fake.search)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.host = f"127.0.0.1:{runner.addresses[0][1]}"
    yield fake
    await runner.cleanup()


def found(lat: float, lon: float) -> str:
    """What Nominatim says of one place."""
    return f'[{{"lat": "{lat}", "lon": "{lon}", "display_name": "x"}}]'


async def test_a_landmark_beside_a_town_is_looked_up(
    nominatim: FakeNominatim, sqlite_url: str, clock: ManualClock
) -> None:
    from bot.store.engine import open_store

    store = await open_store(sqlite_url)
    await create_stations(store, clock)
    await store.close()
    nominatim.answer = found(*HERE)
    given = {
        "YIZHAN_DATABASE_URL": sqlite_url,
        "YIZHAN_GEOCODER": "nominatim",
        "YIZHAN_GEOCODER_OPTIONS": nominatim.options(),
    }
    async with Deployment(given, clock) as deployment:
        (courier,) = lines(deployment, "terminal")
        seen = await courier.says("呼市新城区火车站旁边")
        assert "新城支行驿站（最近）" in seen
        assert "300米" in seen
        assert nominatim.asked == ["呼市新城区火车站旁边"]
        await courier.says("王强 13812345678 新城区火车站")
        for private in (
            "有热水吗",
            "王强 赛罕区",
            "海拉尔的王老师讲得好",
            "我叫张伟，在新城区送外卖",
        ):
            await courier.says(private)
        assert len(nominatim.asked) == 1  # no number, no name and no sentence is sent out
        nominatim.status = 500
        assert "按新城区中心算" in await courier.says("呼市新城区大商场")


@pytest.mark.filterwarnings("ignore:Latitude normalization")  # geopy's own, before it refuses
async def test_what_a_geocoder_cannot_do_is_none(nominatim: FakeNominatim) -> None:
    geocoder = Geocoder("nominatim", nominatim.options(), Datum.WGS84)
    assert await geocoder.locate("没有的地方") is None
    nominatim.answer = found(95, 200)
    assert await geocoder.locate("地球外") is None
    nominatim.answer = "not json"
    assert await geocoder.locate("坏答复") is None
    nominatim.status = 429
    assert await geocoder.locate("太快了") is None
    await geocoder.close()


async def test_another_datum_is_converted(nominatim: FakeNominatim) -> None:
    nominatim.answer = found(40.84384711109879, 111.75691806786368)
    geocoder = Geocoder("nominatim", nominatim.options(), Datum.GCJ02)
    point = await geocoder.locate("呼和浩特")
    await geocoder.close()
    assert point is not None
    assert abs(point.lat - 40.8424) < 1e-6
    assert abs(point.lon - 111.75) < 1e-6


@pytest.mark.parametrize(
    ("service", "options"), [("nowhere", ""), ("nominatim", "{"), ("nominatim", '{"x": 1}')]
)
def test_a_wrong_geocoder_is_refused_at_start(service: str, options: str) -> None:
    with pytest.raises(ValueError, match="no geopy geocoder"):
        Geocoder(service, options, Datum.WGS84)
