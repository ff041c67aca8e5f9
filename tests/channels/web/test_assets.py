"""The page and its static files: headers, compression and revalidation."""

import gzip
import re

import aiohttp

from bot.channels.web.assets import content_policy
from bot.geo.places import Kind, Places
from tests.channels.web.running_chat import RunningChat


async def test_the_page_comes_with_strict_headers_and_no_inline_code(running: RunningChat) -> None:
    async with aiohttp.ClientSession() as http, http.get(running.url) as got:
        page = await got.text()
        policy = got.headers["Content-Security-Policy"]
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Referrer-Policy"] == "no-referrer"
        assert got.headers["Cache-Control"] == "no-cache"
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
    assert not re.search(r"(?:src|href)=\"(?!/static/|#)", page)


async def test_files_are_cached_by_content_and_sent_compressed(running: RunningChat) -> None:
    async with aiohttp.ClientSession(auto_decompress=False) as http:
        for path, media_type, cache in [
            ("static/chat.js", "text/javascript; charset=utf-8", "no-cache"),
            ("static/leagues.geojson", "application/geo+json", "no-cache"),
            (
                "static/leaflet-1.9.4/leaflet.js",
                "text/javascript; charset=utf-8",
                "public, max-age=31536000, immutable",
            ),
        ]:
            plain = await http.get(running.url + path, headers={"Accept-Encoding": "identity"})
            body = await plain.read()
            assert plain.headers["Content-Type"] == media_type
            assert plain.headers["Cache-Control"] == cache
            packed = await http.get(running.url + path, headers={"Accept-Encoding": "gzip, br"})
            assert packed.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(await packed.read()) == body
            known = {"If-None-Match": plain.headers["ETag"]}
            assert (await http.get(running.url + path, headers=known)).status == 304


async def test_the_page_knows_every_league_and_banner(running: RunningChat) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{running.url}static/places.json") as got:
        rows = await got.json()
    known = Places.load().by_adcode
    assert {row[0] for row in rows} == set(known)
    assert [row[0] == row[1] for row in rows] == [True] * 12 + [False] * 103
    for adcode, league, name, short, lat, lon in rows:
        place = known[adcode]
        assert (place.league, place.name, place.short) == (league, name, short)
        assert (place.point.lat, place.point.lon) == (lat, lon)
        assert (place.kind is Kind.LEAGUE) == (adcode == league)


def test_a_forged_host_stays_out_of_the_policy() -> None:
    assert "wss://chat.example.org:8443" in content_policy("chat.example.org:8443")
    assert "evil" not in content_policy("x; script-src evil")
