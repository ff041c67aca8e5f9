"""The envelope of a push: its signature and encryption by mode, and those of the reply.

plain (明文): the body is the message, and `signature` covers the query only. safe (安全): the body
holds `Encrypt` only. compatible (兼容): both; the plain half is not covered by any signature, so
only the encrypted one is read.
"""

from collections.abc import Mapping
from dataclasses import field

from bot.channels.wechat.crypto import CannotDecrypt, Cipher, is_signed, sign
from bot.channels.wechat.parse import read_xml
from bot.channels.wechat.render import cdata
from bot.common.values import value


class Forged(Exception):
    """The push is not signed with our token, or it is plain where it must be encrypted."""


@value
class Account:
    """The account's token, which WeChat signs with, and its encryption keys.

    `ciphers`: the current key, then the previous one; none: pushes come unencrypted.
    """

    token: str = field(repr=False)
    ciphers: tuple[Cipher, ...] = ()


@value
class Opened:
    """The message of a push, and the cipher that an answer must use (None: plain)."""

    message: bytes
    cipher: Cipher | None


def check_address(account: Account, query: Mapping[str, str]) -> str:
    """The echo by which WeChat verifies that this URL is ours. Raises `Forged`."""
    _check_query(account, query)
    return query.get("echostr", "")


def open_push(account: Account, query: Mapping[str, str], body: bytes) -> Opened:
    """The message inside. Raises `Forged`, or `ValueError` for what is signed and no message.

    With a key set, a plain push is forged too: its signature does not cover its body, so that one
    leaked URL would be enough to impersonate any courier.
    """
    if query.get("encrypt_type", "raw") != "aes":
        _check_query(account, query)
        if account.ciphers:
            raise Forged("a key is set, so pushes must be encrypted")
        return Opened(body, None)
    if not account.ciphers:
        raise ValueError("the push is encrypted and no key is set")
    encrypted = read_xml(body).get("Encrypt", "")
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not is_signed(query.get("msg_signature", ""), account.token, stamp, nonce, encrypted):
        raise Forged("msg_signature does not fit")
    for cipher in account.ciphers:
        try:
            return Opened(cipher.decrypt(encrypted), cipher)
        except CannotDecrypt:
            continue
    raise ValueError("no key opens the push")


def seal_answer(
    account: Account, cipher: Cipher | None, answer: bytes, stamp: str, nonce: str
) -> bytes:
    """The answer's XML as it goes out: encrypted with the key that opened the push, if one did."""
    if cipher is None:
        return answer
    encrypted = cipher.encrypt(answer)
    signature = sign(account.token, stamp, nonce, encrypted)
    return (
        f"<xml><Encrypt>{cdata(encrypted)}</Encrypt>"
        f"<MsgSignature>{cdata(signature)}</MsgSignature>"
        f"<TimeStamp>{stamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    ).encode()


def _check_query(account: Account, query: Mapping[str, str]) -> None:
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not is_signed(query.get("signature", ""), account.token, stamp, nonce):
        raise Forged("signature does not fit")
