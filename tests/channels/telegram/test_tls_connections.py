"""Connections with TLS: the certificate decides, and an end is noticed."""

import ssl
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from yarl import URL

from bot.channels.telegram.connection_pool import ConnectionPool, request_head
from bot.channels.telegram.http_connection import NotSentError, Response
from bot.common.clock import system_clock
from tests.channels.telegram.scripted_server import Peer, ScriptedServer, whole

SHORT = 0.05  # seconds, for a time-out that must happen
LONG = 20.0  # seconds, for those that must not
HERE = x509.IPAddress(IPv4Address("127.0.0.1"))


async def post(pool: ConnectionPool, connect: float = LONG) -> Response:
    head = request_head(URL("https://test.invalid/botT/getMe"), "test")
    return await pool.post(head, b"{}", wait=LONG, connect=connect, read=LONG, total=LONG)


def certificate(folder: Path, name: x509.GeneralName) -> Path:
    """A key and its certificate, signed by itself, for a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = system_clock()
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


@pytest.mark.parametrize(
    ("name", "trusted", "taken"),
    [
        (HERE, True, True),
        (HERE, False, False),
        (x509.DNSName("other.example"), True, False),
    ],
    ids=["of whom we trust", "of anybody", "of another name"],
)
async def test_a_certificate_decides_whether_anything_is_sent(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: x509.GeneralName,
    trusted: bool,
    taken: bool,
) -> None:
    file = certificate(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    context.set_alpn_protocols(["h2", "http/1.1"])

    async def script(peer: Peer) -> None:
        assert peer.protocol == "http/1.1"
        await peer.send(whole(b"agreed"))

    async with ScriptedServer(context) as server:
        pool = ConnectionPool(server.origin, 1)
        if taken:
            server.scripts.append(script)
            assert (await post(pool)).body == b"agreed"
            await post(pool)
            assert server.connected == 1
        else:
            with pytest.raises(NotSentError):
                await post(pool)
            assert not server.requests
        pool.close()
        await server.until(lambda: server.open == 0)


async def test_a_kept_tls_connection_that_the_server_ends_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path, HERE)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)

    async def script(peer: Peer) -> None:
        await peer.send(whole())
        await server.until(lambda: answered)
        peer.close()
        await peer.end()

    answered = False
    async with ScriptedServer(context) as server:
        server.scripts.append(script)
        pool = ConnectionPool(server.origin, 1)
        await post(pool)
        answered = True
        server.notify()
        await server.until(lambda: server.open == 0)
        await post(pool)
        assert server.connected == 2
        pool.close()
        await server.until(lambda: server.open == 0)


async def test_a_handshake_that_stalls_is_surely_not_sent() -> None:
    async with ScriptedServer() as server:
        pool = ConnectionPool(server.origin.with_scheme("https"), 1)
        with pytest.raises(NotSentError):
            await post(pool, connect=SHORT)
        await server.until(lambda: server.open == 0)
        assert not server.requests
