"""Blind indexes: keyed hashes by which sealed application numbers and digits are found."""

from enum import StrEnum


class FactKind(StrEnum):
    """What the digits of a fact are of; the values are stored."""

    PHONE = "phone"
    ID = "id"


def fact(kind: FactKind, number: str, digits: str) -> tuple[str, str]:
    """What `Keyring.index` hashes for a pair of facts: number and digits together, never alone."""
    return f"{number}|{digits}", f"card_fact.{kind}"


def number_fact(number: str) -> tuple[str, str]:
    """What `Keyring.index` hashes for an application number."""
    return number, "card_application.number"


def fact_digits(phone: str, id_last4: str) -> dict[FactKind, str]:
    """Kind → the four digits that verify an owner, as far as they are known."""
    digits = {FactKind.PHONE: phone[-4:], FactKind.ID: id_last4}
    return {kind: value for kind, value in digits.items() if value}
