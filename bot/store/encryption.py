"""Personal data at rest: AES-256-GCM under a named key, bound to the column it stands in.

A sealed value is `version(1) | key id(1) | nonce(12) | ciphertext and tag`. The column's name is
authenticated with it, so that a value moved to another column cannot be opened.

What must be found again has a blind index beside it, `key id(1) | HMAC-SHA256, cut to 16 bytes`.
Its key is derived (HKDF) from the sealing key of the same id: apart from it, so that neither use
weakens the other, yet nothing more to keep, lose or leave in place when a leaked key is replaced.
A rotation therefore re-computes the indexes, as it re-encrypts the values; until it is complete,
`indexes` looks under every key.
"""

import base64
import contextlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.common.values import value

VERSION = 1
NONCE = 12
KEY = 32
DIGEST = 16


class CannotOpenError(Exception):
    """The value was sealed with a key that is not in the keyring, or it was altered."""


class DuplicateKeyError(ValueError):
    """Two keys have the same number: a sealed value could not say which of them opens it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there are two keys with the number {number}")
        self.number = number


@value
class Keyring:
    """Keys by id (1 to 255); new values are sealed with `current`, old ones still open."""

    current: int
    keys: Mapping[int, bytes] = field(repr=False)
    index_keys: Mapping[int, bytes] = field(init=False, repr=False)
    ciphers: Mapping[int, AESGCM] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        derived = {number: _index_key(key) for number, key in self.keys.items()}
        object.__setattr__(self, "index_keys", derived)
        ciphers = {number: AESGCM(key) for number, key in self.keys.items()}
        object.__setattr__(self, "ciphers", ciphers)

    def __reduce__(self) -> tuple[type["Keyring"], tuple[int, dict[int, bytes]]]:
        """A process of its own gets the keys and derives the rest: ciphers cannot be sent."""
        return Keyring, (self.current, dict(self.keys))

    def seal(self, text: str, place: str) -> bytes:
        """The text sealed for `place`, a `table.column`."""
        nonce = secrets.token_bytes(NONCE)
        body = self.ciphers[self.current].encrypt(nonce, text.encode(), place.encode())
        return bytes((VERSION, self.current)) + nonce + body

    def open(self, sealed: bytes, place: str) -> str:
        """The text again. Raises `CannotOpenError`."""
        cipher = self.ciphers.get(sealed[1]) if len(sealed) > 2 + NONCE else None
        if cipher is None or sealed[0] != VERSION:
            raise CannotOpenError
        nonce, body = sealed[2 : 2 + NONCE], sealed[2 + NONCE :]
        try:
            return cipher.decrypt(nonce, body, place.encode()).decode()
        except InvalidTag:
            raise CannotOpenError from None

    def index(self, text: str, place: str) -> bytes:
        """What finds `text` in `place` again, 17 bytes; equal texts there have equal ones."""
        return self._index(self.current, text, place)

    def indexes(self, text: str, place: str) -> list[bytes]:
        """The index of `text` under each key there is: one of them was written."""
        return [self._index(number, text, place) for number in self.keys]

    def _index(self, number: int, text: str, place: str) -> bytes:
        message = place.encode() + b"\0" + text.encode()
        return bytes((number,)) + hmac.digest(self.index_keys[number], message, "sha256")[:DIGEST]


def parse_keys(text: str) -> Keyring:
    """`id:base64 of 32 bytes`, comma-separated, the first current.

    Raises `ValueError`, which is a `DuplicateKeyError` where two keys have one number.
    """
    keys: dict[int, bytes] = {}
    for position, item in enumerate(text.split(","), 1):
        number, _, encoded = item.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
            named = int(number)
        except ValueError:
            key, named = b"", 0
        if named in keys:
            raise DuplicateKeyError(named)
        if len(key) != KEY or not 1 <= named <= 255:
            raise ValueError(
                f"key {position} must be a number from 1 to 255, a colon and 32 bytes in base64"
            )
        keys[named] = key
    return Keyring(next(iter(keys)), keys)


def _index_key(key: bytes) -> bytes:
    return HKDF(SHA256(), KEY, salt=None, info=b"yizhan blind index").derive(key)


def new_key(number: int = 1) -> str:
    """A fresh random key in the form that `parse_keys` reads."""
    return f"{number}:{base64.b64encode(secrets.token_bytes(KEY)).decode()}"


def keys_in(path: Path) -> Keyring:
    """The keyring in a file that only its owner may read, made on first use."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(new_key())
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            path.hardlink_to(draft)
        draft.unlink()
    return parse_keys(path.read_text().strip())
