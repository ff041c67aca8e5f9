"""Sealing and blind indexes."""

import pickle

import pytest

from bot.store.encryption import CannotOpenError, Keyring, new_key, parse_keys

ONE, TWO = new_key(1), new_key(2)


def ring(*keys: str) -> Keyring:
    return parse_keys(",".join(keys))


def test_a_value_opens_where_it_was_sealed_and_nowhere_else() -> None:
    keys = ring(ONE)
    sealed = keys.seal("王强", "a.name")
    assert keys.open(sealed, "a.name") == "王强"
    assert keys.seal("王强", "a.name") != sealed
    for altered in (sealed[:-1] + b"x", sealed[:5], b"", b"\x02" + sealed[1:]):
        with pytest.raises(CannotOpenError):
            keys.open(altered, "a.name")
    with pytest.raises(CannotOpenError):
        keys.open(sealed, "a.phone")
    with pytest.raises(CannotOpenError):
        ring(TWO).open(sealed, "a.name")


def test_an_index_is_equal_for_equal_texts_of_one_place_only() -> None:
    keys = ring(ONE)
    found = keys.index("NM1|1234", "f.phone")
    assert found == keys.index("NM1|1234", "f.phone")
    assert len(found) == 17
    assert found != keys.index("NM1|1234", "f.id")
    assert found != keys.index("NM1|1235", "f.phone")
    assert found != ring(TWO).index("NM1|1234", "f.phone")
    assert keys.index("b", "a") != keys.index("", "ab")


def test_after_a_rotation_old_values_open_and_old_indexes_are_found() -> None:
    old, new = ring(ONE), ring(TWO, ONE)
    assert new.open(old.seal("x", "t.c"), "t.c") == "x"
    assert old.index("x", "t.c") in new.indexes("x", "t.c")
    assert new.indexes("x", "t.c")[0] == new.index("x", "t.c")
    assert new.index("x", "t.c")[0] == 2
    with pytest.raises(CannotOpenError):
        old.open(new.seal("x", "t.c"), "t.c")


def test_an_index_key_is_not_the_sealing_key() -> None:
    keys = ring(ONE)
    assert set(keys.index_keys.values()).isdisjoint(keys.keys.values())
    assert "AAAA" not in repr(ring("1:" + "A" * 43 + "="))
    for key in (*keys.keys.values(), *keys.index_keys.values()):
        assert repr(key)[2:-1] not in repr(keys)


def test_a_process_of_its_own_gets_keys_that_open_the_same() -> None:
    ring = parse_keys("2:" + "A" * 43 + "=")
    sealed = ring.seal("内容", "place")
    assert pickle.loads(pickle.dumps(ring)).open(sealed, "place") == "内容"  # noqa: S301 - our own
