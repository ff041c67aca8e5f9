"""The garbage collector while a program is loaded."""

import gc

import pytest

from bot.common.gc_pause import collections_paused


def test_nothing_is_collected_in_the_block_and_what_it_made_is_left_alone_afterwards() -> None:
    gc.unfreeze()
    try:
        with collections_paused():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_it_goes_on_after_an_error() -> None:
    with pytest.raises(ImportError), collections_paused():
        raise ImportError
    assert gc.isenabled()


def test_it_stays_off_where_it_was_off() -> None:
    gc.disable()
    try:
        with collections_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
