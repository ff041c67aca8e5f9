"""Calendar files, read back by the icalendar package and against what calendars rely on."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar

from bot.common.clock import CHINA
from bot.documents.ical import training_ics
from bot.geo.point import Point
from bot.services.errors import LinkInvalid
from bot.services.file_links import LIFETIME, FileLinks
from bot.services.trainings.administration import NewTimes, TrainingAdministration
from bot.services.trainings.catalogue import Training, get_training
from bot.services.trainings.seating import Seating
from bot.services.trainings.statuses import TrainingStatus
from bot.store.encryption import parse_keys
from bot.store.engine import Store
from tests.conftest import ManualClock
from tests.support.trainings import create_training

NOW = datetime(2026, 11, 23, 10, tzinfo=CHINA)
START = datetime(2026, 11, 28, 9, tzinfo=CHINA)
SESSION = Training(
    id=12,
    code="T1",
    title="急救,防寒;第一课",
    topic="",
    about="",
    contact="0471-0000001",
    league="150100",
    is_online=False,
    link="",
    place="二楼会议室",
    address="新城区测试路1号",
    point=Point(40.8424, 111.75),
    starts_at=START,
    ends_at=START + timedelta(hours=2),
    deadline=START,
    capacity=20,
    taken=3,
    only_firm="",
    only_league="",
    status=TrainingStatus.PLANNED,
    sequence=0,
    checkin_code="482913",
)


def read(data: bytes) -> Calendar:
    parsed = Calendar.from_ical(data)
    assert isinstance(parsed, Calendar)
    return parsed


def test_an_independent_reader_finds_time_place_and_alarms() -> None:
    data = training_ics(SESSION, "第一行\n第二行", NOW, url="https://b.example/")
    calendar = read(data)
    (event,) = calendar.events
    assert calendar["method"] == "PUBLISH"
    assert event["summary"] == "急救,防寒;第一课"
    assert event.start == START
    assert event.end == SESSION.ends_at
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert [str(zone["tzid"]) for zone in calendar.timezones] == ["Asia/Shanghai"]
    assert event["location"] == "二楼会议室，新城区测试路1号"
    assert event["description"] == "第一行\n第二行"
    assert event["geo"].to_ical() == "40.8424;111.75"
    rings = sorted(one.trigger for one in event.alarms.times)
    assert rings == [START - timedelta(days=1), START - timedelta(hours=1)]
    assert all(alarm["action"] == "DISPLAY" for alarm in event.walk("VALARM"))


def test_lines_are_folded_and_end_as_the_standard_wants() -> None:
    data = training_ics(replace(SESSION, title="安全" * 60), "说明" * 100, NOW)
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 75
    (event,) = read(data).events
    assert event["summary"] == "安全" * 60


async def test_a_change_keeps_the_uid_and_raises_the_sequence_and_a_cancel_takes_it_out(
    store: Store, clock: ManualClock
) -> None:
    files = []
    organiser = TrainingAdministration(Seating(timedelta(hours=2)))
    async with store.writing() as db:
        number = await create_training(db, START, now=clock())
        for step in range(3):
            training = await get_training(db, number)
            assert training is not None
            (event,) = read(training_ics(training, "", clock())).events
            files.append(event)
            if step == 0:
                later = NewTimes(starts_at=START + timedelta(hours=5))
                await organiser.reschedule(db, number, later, clock())
            elif step == 1:
                await organiser.cancel(db, number, clock())
        training = await get_training(db, number)
    assert training is not None
    assert len({str(event["uid"]) for event in files}) == 1
    assert [event.sequence for event in files] == [0, 1, 2]
    assert files[1].start == START + timedelta(hours=5)
    assert [event["status"] for event in files] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    calendar = read(training_ics(training, "", clock()))
    assert calendar["method"] == "CANCEL"
    assert calendar.events[0].walk("VALARM") == []


def test_a_link_is_good_for_a_day_and_cannot_be_changed() -> None:
    links = FileLinks(parse_keys("1:" + "A" * 43 + "="), "https://b.example/")
    address = links.link("calendar", 12, NOW)
    head, _, token = address.rpartition("/")
    assert head == "https://b.example/files"
    assert links.read(token, NOW + LIFETIME) == ("calendar", 12)
    with pytest.raises(LinkInvalid) as late:
        links.read(token, NOW + LIFETIME + timedelta(seconds=1))
    assert late.value.expired
    kind, row, until, signature = token.split(".")
    forged = [
        f"certificate.{row}.{until}.{signature}",
        f"{kind}.13.{until}.{signature}",
        f"{kind}.{row}.{int(until) + 1}.{signature}",
        f"{kind}.{row}.{until}.{'A' * len(signature)}",
        f"{kind}.{row}.{until}.",
        "",
        "../../etc/passwd",
    ]
    for one in forged:
        with pytest.raises(LinkInvalid) as invalid:
            links.read(one, NOW)
        assert not invalid.value.expired


def test_a_link_outlives_the_change_of_keys() -> None:
    old, new = "1:" + "A" * 43 + "=", "2:" + "B" * 42 + "A="
    token = FileLinks(parse_keys(old), "").link("calendar", 5, NOW).rpartition("/")[2]
    both = FileLinks(parse_keys(f"{new},{old}"), "")
    assert both.read(token, NOW) == ("calendar", 5)
    with pytest.raises(LinkInvalid):
        FileLinks(parse_keys(new), "").read(token, NOW)
