"""Blind indexes: keyed hashes by which sealed application numbers and digits are found."""


def fact(kind: str, number: str, digits: str) -> tuple[str, str]:
    """What `Keyring.index` hashes for a pair of facts: number and digits together, never alone."""
    return f"{number}|{digits}", f"card_fact.{kind}"


def number_fact(number: str) -> tuple[str, str]:
    """What `Keyring.index` hashes for an application number."""
    return number, "card_application.number"


def fact_digits(phone: str, id_last4: str) -> dict[str, str]:
    """Kind → the four digits that prove an application, as far as they are known."""
    digits = {"phone": phone[-4:], "id": id_last4}
    return {kind: said for kind, said in digits.items() if said}
