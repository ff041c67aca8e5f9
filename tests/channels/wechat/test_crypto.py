"""Signatures, the cipher and the envelope, against the published vectors and another library."""

import base64
import json
import random
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher as Aes
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from wechatpy.crypto import PrpCrypto, WeChatCrypto  # type: ignore[import-untyped]

from bot.channels.wechat.crypto import CannotDecrypt, Cipher, is_signed, sign
from bot.channels.wechat.envelope import Account, Forged, check_address, open_push, seal_answer
from bot.channels.wechat.parse import read_xml
from tests.support.paths import TEST_DATA

VECTORS: dict[str, Any] = json.loads(
    (TEST_DATA / "wechat_vectors.json").read_text(encoding="utf-8")
)
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
APP = "wx0123456789abcdef"
TOKEN = "aToken"
PIECES = ("你好", "😀👨‍👩‍👧", "]]>", "<xml>", "&amp;", "abc", "\n", "驿站", "𠮷", "'\"", "1", " ")


@pytest.mark.parametrize("vector", VECTORS["signatures"], ids=lambda one: one["src"])
def test_signatures_are_the_published_ones(vector: dict[str, str]) -> None:
    parts = (vector["token"], vector["timestamp"], vector["nonce"])
    assert sign(*parts) == vector["signature"]
    assert is_signed(vector["signature"], *parts)
    assert not is_signed(vector["signature"][:-1] + "x", *parts)
    assert not is_signed("", *parts)
    assert not is_signed("签名", *parts)


@pytest.mark.parametrize("vector", VECTORS["decrypt"], ids=lambda one: one["src"])
def test_published_messages_are_decrypted(vector: dict[str, Any]) -> None:
    message = Cipher(vector["aes_key"], vector["appid"]).decrypt(vector["encrypt"])
    assert message.decode() == vector["msg"]
    assert len(message) == vector["msg_len"]
    signed = (vector["token"], vector["timestamp"], vector["nonce"], vector["encrypt"])
    assert is_signed(vector["msg_signature"], *signed)


@pytest.mark.parametrize("vector", VECTORS["encrypt"], ids=lambda one: one["src"])
def test_published_messages_are_encrypted(vector: dict[str, str]) -> None:
    cipher = Cipher(vector["aes_key"], vector["appid"])
    encrypted = cipher.encrypt(vector["msg"].encode(), vector["random16"].encode())
    assert encrypted == vector["encrypt"]
    assert cipher.decrypt(encrypted).decode() == vector["msg"]
    if "msg_signature" in vector:
        signed = (vector["token"], vector["timestamp"], vector["nonce"], encrypted)
        assert sign(*signed) == vector["msg_signature"]


def test_a_thousand_messages_cross_to_another_library_and_back() -> None:
    """Of every length around the padding's edges too; both libraries read both."""
    dice = random.Random(20261123)
    ours, theirs = Cipher(KEY, APP), PrpCrypto(base64.b64decode(KEY + "="))
    for number in range(1200):
        text = "".join(dice.choices(PIECES, k=dice.randrange(1, 40)))
        text = text + "x" * (number % 33)
        assert theirs.decrypt(ours.encrypt(text.encode()), APP) == text
        assert ours.decrypt(theirs.encrypt(text, APP).decode()).decode() == text


def test_each_encryption_is_another() -> None:
    cipher = Cipher(KEY, APP)
    assert len({cipher.encrypt(b"the same") for _ in range(20)}) == 20


def raw(plain: bytes) -> str:
    """Any plaintext of whole blocks under the key, as only a holder of the key can make it."""
    key = base64.b64decode(KEY + "=")
    aes = Aes(AES256(key), CBC(key[:16])).encryptor()
    return base64.b64encode(aes.update(plain) + aes.finalize()).decode()


def plain(message: bytes, length: int, app: bytes = APP.encode(), pad: bytes = b"") -> bytes:
    body = b"r" * 16 + length.to_bytes(4, "big") + message + app
    return body + (pad or bytes([32 - len(body) % 32]) * (32 - len(body) % 32))


def test_the_padding_of_these_tests_is_right() -> None:
    assert Cipher(KEY, APP).decrypt(raw(plain(b"hello", 5))) == b"hello"


@pytest.mark.parametrize(
    "encrypted",
    [
        "",
        "not base64!",
        "签名",
        "AAAA",
        base64.b64encode(b"x" * 17).decode(),
        raw(plain(b"hello", 4)),
        raw(plain(b"hello", 6)),
        raw(plain(b"hello", 0xFFFFFFFF)),
        raw(plain(b"hello", 5, b"wx0123456789abcdee")),
        raw(plain(b"hello", 5, b"")),
        raw(b"x" * 31 + b"\x00"),
        raw(b"x" * 31 + b"\x21"),
        raw(b"x" * 63 + b"\xff"),
        raw(b"\x20" * 32),
        raw(plain(b"hello", 5)[:-2] + b"\x01\x15"),
    ],
)
def test_what_is_not_ours_is_refused_always_alike(encrypted: str) -> None:
    with pytest.raises(CannotDecrypt) as caught:
        Cipher(KEY, APP).decrypt(encrypted)
    assert caught.value.args == ()
    assert caught.value.__cause__ is None


def test_one_flipped_bit_is_a_forgery() -> None:
    """CBC alone would let a bit of the text pass; the signature over the whole does not."""
    encrypted = base64.b64decode(Cipher(KEY, APP).encrypt(b"hello, this is a message of a courier"))
    account = Account(TOKEN, (Cipher(KEY, APP),))
    text = base64.b64encode(encrypted).decode()
    signature = sign(TOKEN, "1", "2", text)
    for position in range(0, len(encrypted) * 8, 5):
        flipped = bytearray(encrypted)
        flipped[position // 8] ^= 1 << position % 8
        body = f"<xml><Encrypt>{base64.b64encode(flipped).decode()}</Encrypt></xml>".encode()
        with pytest.raises(Forged):
            open_push(account, query(msg_signature=signature), body)


@pytest.mark.parametrize("key", ["", "short", KEY + "H", KEY[:-1] + "*", KEY[:-1] + "钥"])
def test_a_wrong_key_is_refused_at_start(key: str) -> None:
    with pytest.raises(ValueError, match="43 letters and digits") as caught:
        Cipher(key, APP)
    assert not key or key not in str(caught.value)


def test_keys_and_tokens_are_not_in_any_repr() -> None:
    account = Account(TOKEN, (Cipher(KEY, APP),))
    assert KEY not in repr(account)
    assert TOKEN not in repr(account)


def query(**more: str) -> dict[str, str]:
    return {"encrypt_type": "aes", "timestamp": "1", "nonce": "2", **more}


def encrypted_push(key: str, message: str) -> tuple[dict[str, str], bytes]:
    encrypted = Cipher(key, APP).encrypt(message.encode())
    body = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
    return query(msg_signature=sign(TOKEN, "1", "2", encrypted)), body


def test_a_previous_key_opens_and_answers() -> None:
    """While a key changes, pushes come in both, and each is answered in its own."""
    account = Account(TOKEN, (Cipher(KEY, APP), Cipher(OTHER, APP)))
    for key in (KEY, OTHER):
        opened = open_push(account, *encrypted_push(key, "<xml>好</xml>"))
        assert opened.message.decode() == "<xml>好</xml>"
        answer = seal_answer(account, opened.cipher, "答".encode(), "9", "8")
        fields = read_xml(answer)
        theirs = WeChatCrypto(TOKEN, key, APP)
        signature = fields["MsgSignature"]
        assert theirs.decrypt_message(answer, signature, "9", "8") == "答"


def test_an_unknown_key_is_no_forgery_but_unreadable() -> None:
    account = Account(TOKEN, (Cipher(KEY, APP),))
    with pytest.raises(ValueError, match="no key"):
        open_push(account, *encrypted_push(OTHER, "<xml/>"))
    with pytest.raises(ValueError, match="no key is set"):
        open_push(Account(TOKEN), *encrypted_push(KEY, "<xml/>"))


def test_a_plain_push_is_forged_where_a_key_is_set() -> None:
    """Its signature does not cover the body: whoever overheard one could write any other."""
    signed = {"timestamp": "1", "nonce": "2", "signature": sign(TOKEN, "1", "2")}
    assert open_push(Account(TOKEN), signed, b"<xml/>").message == b"<xml/>"
    assert check_address(Account(TOKEN), {**signed, "echostr": "42"}) == "42"
    with pytest.raises(Forged):
        open_push(Account(TOKEN, (Cipher(KEY, APP),)), signed, b"<xml/>")
    for wrong in ({}, {**signed, "nonce": "3"}, {**signed, "signature": "\ud800"}):
        with pytest.raises(Forged):
            open_push(Account(TOKEN), wrong, b"<xml/>")
        with pytest.raises(Forged):
            check_address(Account(TOKEN), wrong)


def test_only_the_encrypted_half_of_a_compatible_push_counts() -> None:
    sent, body = encrypted_push(KEY, "<xml><Content>real</Content></xml>")
    body = body.replace(b"</xml>", b"<Content>forged</Content></xml>")
    opened = open_push(Account(TOKEN, (Cipher(KEY, APP),)), sent, body)
    assert opened.message == b"<xml><Content>real</Content></xml>"
