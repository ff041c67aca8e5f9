"""The vocabulary of statuses."""

import pytest

from bot.services.cards.statuses import DEFAULT_LABELS, LABELS, SETTLED, CardStatus, is_backwards
from bot.store.models.cards import CODES

PATH = (
    CardStatus.SUBMITTED,
    CardStatus.REVIEWING,
    CardStatus.APPROVED,
    CardStatus.MAKING,
    CardStatus.MADE,
    CardStatus.SHIPPED,
    CardStatus.AT_BRANCH,
)


def test_every_label_stands_for_one_status() -> None:
    labels = [label for some in LABELS.values() for label in some]
    assert len(labels) == len(set(labels)) >= 40
    for code, some in LABELS.items():
        assert {DEFAULT_LABELS.status_of(label) for label in some} == {code}
    assert {*LABELS, CardStatus.UNKNOWN} == set(CardStatus)
    assert tuple(CardStatus) == CODES
    assert len(LABELS) == 14


@pytest.mark.parametrize("label", [" 审核中 ", "审核 中", "审核中。", "REVIEWING", "reviewing"])
def test_a_label_is_read_whatever_surrounds_it(label: str) -> None:
    assert DEFAULT_LABELS.status_of(label) is CardStatus.REVIEWING


@pytest.mark.parametrize("label", ["", "等待总行复核", "审核中啊", "unknown?"])
def test_a_label_that_is_not_listed_is_unknown(label: str) -> None:
    assert DEFAULT_LABELS.status_of(label) is CardStatus.UNKNOWN


def test_the_usual_path_never_goes_backwards() -> None:
    full = (*PATH, CardStatus.COLLECTED, CardStatus.ACTIVATED)
    for at, code in enumerate(full):
        for later in full[at:]:
            assert not is_backwards(code, later)
        for earlier in full[:at]:
            assert is_backwards(code, earlier)


def test_side_steps_are_not_backwards_but_leaving_the_end_is() -> None:
    assert not is_backwards(CardStatus.REVIEWING, CardStatus.NEED_DOCS)
    assert not is_backwards(CardStatus.NEED_DOCS, CardStatus.REVIEWING)
    assert not is_backwards(CardStatus.AT_BRANCH, CardStatus.RETURNED)
    assert not is_backwards(CardStatus.UNKNOWN, CardStatus.SUBMITTED)
    assert not is_backwards(CardStatus.AT_BRANCH, CardStatus.UNKNOWN)
    for end in SETTLED:
        assert is_backwards(end, CardStatus.REVIEWING)
