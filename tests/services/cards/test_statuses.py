"""The vocabulary of statuses."""

import pytest

from bot.services.cards.statuses import LABELS, SETTLED, UNKNOWN, code_of, is_backwards
from bot.store.models.cards import CODES

PATH = ("submitted", "reviewing", "approved", "making", "made", "shipped", "at_branch")


def test_every_label_stands_for_one_code() -> None:
    labels = [label for some in LABELS.values() for label in some]
    assert len(labels) == len(set(labels)) >= 40
    for code, some in LABELS.items():
        assert {code_of(label) for label in some} == {code}
    assert {*LABELS, UNKNOWN} == set(CODES)
    assert len(LABELS) == 14


@pytest.mark.parametrize("label", [" 审核中 ", "审核 中", "审核中。", "REVIEWING", "reviewing"])
def test_a_label_is_read_whatever_surrounds_it(label: str) -> None:
    assert code_of(label) == "reviewing"


@pytest.mark.parametrize("label", ["", "等待总行复核", "审核中啊", "unknown?"])
def test_what_nobody_has_explained_is_unknown(label: str) -> None:
    assert code_of(label) == UNKNOWN


def test_the_usual_path_never_goes_backwards() -> None:
    full = (*PATH, "collected", "activated")
    for at, code in enumerate(full):
        for later in full[at:]:
            assert not is_backwards(code, later)
        for earlier in full[:at]:
            assert is_backwards(code, earlier)


def test_side_steps_are_not_backwards_but_leaving_the_end_is() -> None:
    assert not is_backwards("reviewing", "need_docs")
    assert not is_backwards("need_docs", "reviewing")
    assert not is_backwards("at_branch", "returned")
    assert not is_backwards("unknown", "submitted")
    assert not is_backwards("at_branch", "unknown")
    for end in SETTLED:
        assert is_backwards(end, "reviewing")
