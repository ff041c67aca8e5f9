"""Signatures and encryption of pushes: pure functions over bytes, without HTTP or XML.

AES-256-CBC with the first 16 key bytes as IV and PKCS#7 padding to blocks of 32, not 16. The
plaintext is 16 random bytes, the message's length in bytes (4, big endian), the message and the
app id. https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import field

from cryptography.hazmat.primitives.ciphers import Cipher as Aes
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.common.values import value

BLOCK = 32
RANDOM = 16
LENGTH = 4
KEY_CHARACTERS = 43


class CannotDecrypt(Exception):
    """The text was not encrypted with this key for this app, or it was altered."""


def sign(*parts: str) -> str:
    """SHA-1 in hex of the parts, sorted as strings and joined: `signature` and `msg_signature`."""
    joined = "".join(sorted(parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    """Whether the signature is that of the parts; compared in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), sign(*parts).encode())


@value
class Cipher:
    """One EncodingAESKey of one account. Raises `ValueError` for what is no such key."""

    aes_key: str = field(repr=False)
    app_id: str
    _aes: Aes[CBC] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            key = base64.b64decode(self.aes_key + "=", validate=True)
        except ValueError:
            key = b""
        if len(self.aes_key) != KEY_CHARACTERS or len(key) != BLOCK:
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        object.__setattr__(self, "_aes", Aes(AES256(key), CBC(key[:16])))

    def decrypt(self, encrypted: str) -> bytes:
        """The message. Raises `CannotDecrypt` without a reason: it would help an attacker."""
        try:
            body = base64.b64decode(encrypted.encode("ascii"), validate=True)
            aes = self._aes.decryptor()
            padded = aes.update(body) + aes.finalize()
        except ValueError:
            raise CannotDecrypt from None
        pad = padded[-1] if padded else 0
        plain = padded[:-pad] if 1 <= pad <= BLOCK else b""
        start = RANDOM + LENGTH
        end = start + int.from_bytes(plain[RANDOM:start], "big")
        app_id = self.app_id.encode()
        fits = (
            len(plain) >= start
            and padded[-pad:] == bytes([pad]) * pad
            and end + len(app_id) == len(plain)
            and hmac.compare_digest(plain[end:], app_id)
        )
        if not fits:
            raise CannotDecrypt
        return plain[start:end]

    def encrypt(self, message: bytes, random: bytes | None = None) -> str:
        """The message in base64; `random` are 16 bytes, fresh ones unless a test needs its own."""
        head = secrets.token_bytes(RANDOM) if random is None else random
        plain = head + len(message).to_bytes(LENGTH, "big") + message + self.app_id.encode()
        pad = BLOCK - len(plain) % BLOCK
        aes = self._aes.encryptor()
        return base64.b64encode(aes.update(plain + bytes([pad]) * pad) + aes.finalize()).decode()
