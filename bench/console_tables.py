"""What fills the tables of a large installation for `bench.console`, by INSERT … SELECT.

Rows are made by the database itself out of the numbers 1 to n, so that filling takes minutes.
Sealed columns hold one sealed value each, the same in all rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.geo.places import Places
from bot.services.stations.administration.leagues import leagues
from bot.store.encryption import Keyring
from bot.store.models.common import SEALED
from bot.store.models.registry import metadata

SEALED_TEXTS = {
    "appointment.wanted": "call:morning",
    "appointment.firm": "",
    "card_application.phone": "13800138000",
    "card_request.phone": "13800138000",
    "appointment.phone": "13800138000",
    "profile.phone": "13800138000",
}
"""Where another text than a short one of the same form has to stand."""
DAY = 86_400
STATIONS = 180_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows there are, at full size 3,000,000 couriers and 180,000 stations.

    `stations`: the scale of these alone.
    """

    scale: float
    stations: float

    def __call__(self, full: int) -> int:
        """So many rows of `full`, at least 60 unless even that has fewer."""
        scale = self.stations if full == STATIONS else self.scale
        return min(full, max(60, int(full * scale)))


@dataclass(frozen=True, slots=True)
class Sql:
    """Expressions of a dialect; `i` is the number of the row."""

    is_sqlite: bool
    keys: Keyring
    now: datetime

    def numbers(self, rows: int) -> str:
        """A table `n(i)` of the numbers 1 to `rows`."""
        if self.is_sqlite:
            return (
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"  # noqa: S608
                f" WHERE i < {rows}) SELECT i FROM n)"
            )
        return f"generate_series(1, {rows}) AS n(i)"

    def before(self, seconds: str) -> str:
        """So many seconds ago."""
        moment = self.now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        if self.is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f000', '{moment}', -({seconds}) || ' seconds')"
        return f"(TIMESTAMPTZ '{moment}+00' - ({seconds}) * INTERVAL '1 second')"

    def day(self, days: str) -> str:
        """So many days ago."""
        if self.is_sqlite:
            return f"date('{self.now:%Y-%m-%d}', -({days}) || ' days')"
        return f"(DATE '{self.now:%Y-%m-%d}' - CAST({days} AS integer))"

    def digits(self, number: str, length: int) -> str:
        """A number with zeros in front."""
        if self.is_sqlite:
            return f"printf('%0{length}d', {number})"
        return f"lpad(CAST({number} AS text), {length}, '0')"

    def different(self) -> str:
        """Bytes that no other row of the table has."""
        if self.is_sqlite:
            return "CAST(printf('%024d', i) AS BLOB)"
        return "decode(lpad(to_hex(i), 34, '0'), 'hex')"

    def bytes(self, value: bytes) -> str:
        """A constant."""
        return f"X'{value.hex()}'" if self.is_sqlite else f"'\\x{value.hex()}'::bytea"

    def json(self, text: str) -> str:
        """A value of a JSON column."""
        return text if self.is_sqlite else f"CAST({text} AS json)"

    def one_of(self, *texts: str, by: str = "i") -> str:
        """One of the texts, by a number that may be any."""
        cases = " ".join(f"WHEN {place} THEN '{one}'" for place, one in enumerate(texts))
        return f"(CASE ({by}) % {len(texts)} {cases} END)"

    def insert(self, table: str, rows: int, values: Mapping[str, str]) -> str:
        """The statement; columns without a value have that of the model, sealed ones a text."""
        columns = metadata().tables[table].columns
        given = {one.name: self._usual(table, one.name) for one in columns}
        given |= values
        filled = {name: one for name, one in given.items() if one}
        return (
            f"INSERT INTO {table} ({', '.join(filled)})"  # noqa: S608 - ours
            f" SELECT {', '.join(filled.values())} FROM {self.numbers(rows)}"
        )

    def _usual(self, table: str, name: str) -> str:
        column = metadata().tables[table].columns[name]
        if column.info == SEALED:
            place = f"{table}.{name}"
            return self.bytes(self.keys.seal(SEALED_TEXTS.get(place, "NM20260000001"), place))
        if name == "id":
            return "i"
        if column.nullable or column.default is None or not column.default.is_scalar:
            return ""
        usual: Any = column.default.arg  # type: ignore[attr-defined]
        if isinstance(usual, bool):
            return "TRUE" if usual else "FALSE"
        return str(usual) if isinstance(usual, int) else f"'{usual}'"


def statements(sql: Sql, size: Sizes) -> Iterator[tuple[str, str]]:
    """Table and statement, each table after those that it refers to."""
    for table, rows, values in _rows(sql, size):
        yield table, sql.insert(table, size(rows), values)


def _rows(sql: Sql, size: Sizes) -> Iterator[tuple[str, int, dict[str, str]]]:
    before, of = sql.before, sql.one_of
    known = [one.adcode for one in leagues(Places.load())]
    league, couriers, stations = of(*known), size(3_000_000), size(STATIONS)
    division = f"(substr({league}, 1, 4) || '02')"
    courier, station = f"i % {couriers} + 1", f"i % {stations} + 1"
    picked = f"(CAST(i AS BIGINT) * 7919 + i / 13) % {stations} + 1"
    outlet_code = f"(substr({of(*known, by=station)}, 1, 4) || '02-' || {sql.digits(station, 6)})"
    years = before("i % 1000 * 86400 + i % 86000")
    yield "station", STATIONS, {
        "code": f"{division} || '-' || {sql.digits('i', 6)}",
        "name": "'爱心驿站' || i || '号'",
        "owner": "'工行' || i % 900 || '支行'",
        "adcode": division,
        "address": "'新华大街' || i || '号'",
        "raw_lat": "40.8",
        "raw_lon": "111.7",
        "datum": "'wgs84'",
        "lat": "40.2 + i % 1000 * 0.001",
        "lon": "109.5 + i % 997 * 0.003",
        "hours": "CASE WHEN i % 500 = 0 THEN NULL ELSE 'Mo-Fr 09:00-17:00' END",
        "verified_at": f"CASE WHEN i % 100 = 0 THEN NULL ELSE {sql.day('i % 97')} END",
        "status": "CASE WHEN i % 300 = 0 THEN 'paused' ELSE 'open' END",
        "updated_at": years,
    }  # fmt: skip
    for code in ("water", "seat", "charge", "toilet"):
        yield "station_facility", STATIONS, {
            "station_id": "i",
            "code": f"'{code}'",
            "state": "CASE WHEN i % 1000 = 0 THEN 'broken' ELSE 'ok' END",
        }  # fmt: skip
    yield "courier", 3_000_000, {"created_at": years, "seen_at": years}
    yield "chat", 3_000_000, {
        "channel": of("telegram", "wechat", "web"),
        "external_id": "CAST(i AS VARCHAR)",
        "courier_id": "i",
        "state": "NULL",
        "state_at": years,
        "pushed": "NULL",
    }  # fmt: skip
    yield "profile", 3_000_000, {
        "courier_id": "i",
        "phone_index": sql.different(),
        "firm": of("美团", "饿了么", "中通快递", "顺丰", ""),
        "league": league,
        "updated_at": years,
    }  # fmt: skip
    yield "favourite", 3_000_000, {
        "courier_id": "i", "station_id": station, "added_at": years,
    }  # fmt: skip
    stages = ("submitted", "reviewing", "making", "at_branch")
    yield "card_application", 600_000, {
        "number_index": sql.different(),
        "outlet_code": outlet_code,
        "outlet_name": "'工行' || i % 900 || '支行'",
        "status": f"CASE WHEN i % 20 = 0 THEN {of(*stages, by='i / 20')} ELSE 'activated' END",
        "stage_at": before(f"i % 300 * {DAY} + i % 80000"),
        "as_of": before("3600"),
        "updated_at": before("3600"),
        "settled_at": f"CASE WHEN i % 20 = 0 THEN NULL ELSE {years} END",
    }  # fmt: skip
    for place, code in enumerate(stages):
        yield "card_stage", 600_000, {
            "id": f"i + {place * size(600_000)}",
            "application_id": "i",
            "code": f"'{code}'",
            "at": before(f"(i % 300 + {(len(stages) - place) * 5} - i % 5) * {DAY}"),
            "source": "'import'",
            "recorded_at": before("3600"),
        }  # fmt: skip
    states = "CASE WHEN i % 30 = 0 THEN 'new' ELSE {} END"
    yield "card_request", 300_000, {
        "number_index": sql.different(),
        "courier_id": courier,
        "outlet_id": f"CASE WHEN i % 7 = 0 THEN NULL ELSE {picked} END",
        "consent": "'v1'",
        "status": states.format(of("passed", "closed")),
        "created_at": before(f"{size(300_000)} - i"),
    }  # fmt: skip
    yield "appointment", 300_000, {
        "number_index": sql.different(),
        "courier_id": courier,
        "topic": "'loan'",
        "outlet_id": f"CASE WHEN i % 7 = 0 THEN NULL ELSE {picked} END",
        "consent": "'v1'",
        "status": states.format(of("done", "contacted", "done", "unreached")),
        "created_at": before(f"({size(300_000)} - i) * 60"),
        "changed_at": before("60"),
    }  # fmt: skip
    trainings = size(6_000)
    yield "training", 6_000, {
        "code": "'DJT-' || i",
        "title": "'安全骑行第' || i || '讲'",
        "place": "'总工会' || i % 90 || '楼'",
        "league": league,
        "starts_at": before(f"({trainings // 2} - i) * {DAY} / 10"),
        "ends_at": before(f"({trainings // 2} - i) * {DAY} / 10 - 7200"),
        "deadline": before(f"({trainings // 2} - i) * {DAY} / 10"),
        "capacity": "200",
        "status": f"CASE WHEN i % 19 = 0 THEN 'cancelled' WHEN i < {trainings // 2} THEN 'done'"
                  " ELSE 'planned' END",
        "checkin_code": sql.digits("i", 6),
        "updated_at": years,
    }  # fmt: skip
    yield "registration", 600_000, {
        "training_id": f"i % {trainings} + 1",
        "courier_id": courier,
        "status": of("seat", "seat", "seat", "waitlist", by=f"i / {trainings}"),
        "comment": "NULL",
        "created_at": years,
        "updated_at": years,
    }  # fmt: skip
    yield "certificate", 300_000, {
        "number": "'NM-' || i",
        "courier_id": courier,
        "training_id": f"i % {trainings} + 1",
        "issued_at": years,
    }  # fmt: skip
    yield "person_conversation", 300_000, {
        "courier_id": courier,
        "league": league,
        "reason": of("asked", "complaint", "message"),
        "channel": of("telegram", "wechat", "web"),
        "status": "CASE WHEN i % 1000 = 0 THEN 'waiting' WHEN i % 300 = 0 THEN 'taken'"
                  " ELSE 'closed' END",
        "opened_at": before(f"({size(300_000)} - i) * 8"),
        "operator": "CASE WHEN i % 1000 = 0 THEN '' ELSE 'operator' || i % 200 END",
        "first_answer_at": f"CASE WHEN i % 1000 = 0 THEN NULL ELSE"
                           f" {before(f'({size(300_000)} - i) * 8 - 90')} END",
        "since": before(f"({size(300_000)} - i) * 8"),
        "closed_at": f"CASE WHEN i % 300 = 0 OR i % 1000 = 0 THEN NULL ELSE {before('i % 86400')}"
                     " END",
        "closed_by": "CASE WHEN i % 300 = 0 OR i % 1000 = 0 THEN '' ELSE 'operator' END",
    }  # fmt: skip
    yield "person_message", 600_000, {
        "conversation_id": f"i % {size(300_000)} + 1",
        "courier_id": courier,
        "author": of("courier", "operator"),
        "at": years,
    }  # fmt: skip
    yield "honour_campaign", 3, {
        "code": "'2026-' || i",
        "title": "'最美快递员'",
        "rules": "'每人一票'",
        "nominate_from": sql.day("60"),
        "nominate_until": sql.day("30"),
        "vote_from": sql.day("20"),
        "vote_until": sql.day("-5"),
        "updated_at": years,
    }  # fmt: skip
    nominations = size(6_000)
    yield "nomination", 6_000, {
        "campaign_id": "i % 3 + 1",
        "number_index": sql.different(),
        "courier_id": "i",
        "league": of(*known, by="i / 3"),
        "status": "CASE WHEN i % 60 < 3 THEN 'shortlisted' ELSE "
                  f"{of('new', 'approved', 'declined', by='i / 3')} END",
        "created_at": years,
    }  # fmt: skip
    yield "honour_vote", 1_000_000, {
        "campaign_id": "1",
        "courier_id": f"i % {couriers} + 1",
        "nomination_id": f"(i % {max(1, nominations // 60)}) * 60 + 60",
        "at": before("i % 1700000"),
        "firm": of("美团", "饿了么", "中通快递", "顺丰", ""),
        "hold": "CASE WHEN i % 5000 = 0 THEN 'firm' ELSE '' END",
    }  # fmt: skip
    yield "audit", 1_500_000, {
        "at": before(f"({size(1_500_000)} - i) * 20"),
        "actor": "'operator' || i % 200",
        "action": of("station.change", "station.close", "station.verify", "session.begin",
                     "card.reveal", "training.change", "report.done"),
        "subject_kind": of("station", "station", "station", "account", "card", "training",
                           "station"),
        "subject": outlet_code,
        "league": league,
    }  # fmt: skip
    broadcasts = size(2_000)
    texts, audience = "'{\"zh_CN\": \"明天大风，请慢行。\"}'", (
        "'{\"topic\": \"training\", \"league\": \"' || "
        + of("", *known) + " || '\", \"firm\": \"\"}'"
    )  # fmt: skip
    yield "broadcast", 2_000, {
        "texts": sql.json(texts),
        "audience": sql.json(audience),
        "at": before(f"({broadcasts} - i) * 40000"),
        "not_after": before(f"({broadcasts} - i) * 40000 - {DAY}"),
        "status": f"CASE WHEN i > {broadcasts - 3} THEN 'running' ELSE 'done' END",
        "total": "1500",
        "counts": sql.json("'{}'"),
        "created_at": years,
    }  # fmt: skip
    yield "broadcast_part", 6_000, {
        "broadcast_id": f"i % {broadcasts} + 1",
        "first": "1",
        "last": "500",
        "written": "500",
        "at": years,
    }  # fmt: skip
    last = f"{broadcasts} - i % {broadcasts}"
    yield "outbox", 3_000_000, {
        "dedupe_key": "'bench:' || i",
        "courier_id": "i",
        "chat_id": "i",
        "channel": of("telegram", "wechat", "web"),
        "kind": "'broadcast'",
        "params": sql.json("'{\"broadcast\": ' || (" + last + ") || '}'"),
        "topic": "'training'",
        "status": "CASE WHEN i % 2000 = 0 THEN 'ready' WHEN i % 50 = 0 THEN 'held' ELSE 'sent'"
                  " END",
        "due_at": before(f"i % {broadcasts} * 40000"),
        "not_after": before(f"i % {broadcasts} * 40000 - {DAY}"),
        "created_at": years,
    }  # fmt: skip
    yield "operator_note", 200_000, {
        "kind": of("station.problem", "station.check", "station.problem", "card.request",
                   "bank.push", "card.locked", "appointment.new", by="i / 40"),
        "dedupe_key": "'bench:' || i",
        "params": sql.json(
            "'{\"code\": \"' || " + outlet_code + " || '\", \"name\": \"驿站\","
            " \"fact\": \"water\", \"problem\": \"closed\", \"reason\": \"stale\","
            " \"scope\": \"network\"}'"
        ),
        "detail": "NULL",
        "at": before(f"{size(200_000)} - i"),
        "done_at": f"CASE WHEN i % 40 = 0 THEN NULL ELSE {before('60')} END",
    }  # fmt: skip
    yield "access_log", 1_000_000, {
        "at": before(f"({size(1_000_000)} - i) * 20"),
        "actor": "'operator' || i % 200",
        "action": "'read'",
        "field": "'card_request.name'",
        "subject": sql.different(),
    }  # fmt: skip
    yield "bank_push", 20_000, {
        "at": before(f"({size(20_000)} - i) * 900"), "records": "50",
        "counts": sql.json("'{\"new\": 50}'"),
    }  # fmt: skip
    yield "api_request", 20_000, {
        "key": "'bench:' || i", "body_hash": sql.different(), "response": "NULL",
        "at": before(f"({size(20_000)} - i) * 900"),
    }  # fmt: skip
    yield "card_list", 5_000, {
        "actor": "'operator' || i % 200", "name": "'名单.xlsx'", "answers": sql.json("'{}'"),
        "as_of": years, "state": of("applied", "dropped"),
        "summary": sql.json(
            "'{\"rows\": 0, \"counts\": {}, \"totals\": {}, \"problems\": [], \"warnings\": [],"
            " \"moves\": [], \"questions\": []}'"
        ),
        "created_at": years,
    }  # fmt: skip
    yield "list_import", 20_000, {
        "kind": "'stations'", "actor": "'operator' || i % 200", "name": "'驿站.xlsx'",
        "digest": "CAST(i AS VARCHAR)", "created_at": before(f"{size(20_000)} - i"),
        "state": of("applied", "undone"), "begun_at": before("60"), "summary": "NULL",
        "answers": sql.json("'{}'"),
    }  # fmt: skip
    yield "revision", 60_000, {
        "at": before(f"({size(60_000)} - i) * 600"), "actor": "'operator' || i % 200",
        "kind": of("stations", "stations", "content"), "action": "'import'",
    }  # fmt: skip
    yield "revision_record", 120_000, {
        "revision_id": f"i % {size(60_000)} + 1", "code": outlet_code,
        "before": sql.json("'{}'"), "after": sql.json("'{}'"),
    }  # fmt: skip
    yield "content", 6_000, {
        "code": "'c-' || i", "kind": of("article", "lesson", "topic", "warning"),
        "title": "'骑行安全' || i", "text": "'慢一点，稳一点。'", "source": "'总工会'",
        "valid_until": f"CASE WHEN i % 50 = 0 THEN {sql.day('3')} ELSE NULL END",
        "valid_from": f"CASE WHEN i % 70 = 0 THEN {sql.day('-3')} ELSE NULL END",
        "review_on": f"CASE WHEN i % 30 = 0 THEN {sql.day('3')} ELSE NULL END",
        "is_sample": "i % 90 = 0",
        "updated_at": years,
    }  # fmt: skip
    yield "lesson_progress", 1_000_000, {
        "courier_id": courier, "lesson": "'c-' || ((i % 30) * 4 + 1)",
        "started_at": years, "at": years,
        "finished_at": f"CASE WHEN i % 3 = 0 THEN NULL ELSE {years} END",
    }  # fmt: skip
    yield "operator_account", 200, {
        "name": "'operator' || i", "role": of("editor", "cards", "trainer", "duty", "reader"),
        "leagues": sql.json("'[]'"), "password_hash": "''", "totp": "NULL", "created_at": years,
    }  # fmt: skip
