"""The doors' TLS as openssl sees it: which protocols and ciphers are taken, at which door.

The doors are built from a configuration, as `serve` builds them, and served in a thread; what
openssl could do with them is the table of docs/operateur/tls.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog
import trustme

from gateway import parts
from gateway.certificate import Certificate
from gateway.config import Config
from gateway.errors import Misconfigured

PAGE = Path(__file__).parents[3] / "docs" / "operateur" / "tls.md"
SECONDS = 60  # of patience
AUTHORITY = trustme.CA()
OLD = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"  # all that this openssl can do, however weak

DOORS = {  # door: (as the page calls it, how openssl begins)
    "smtp": ("SMTP", ("-starttls", "smtp")),
    "lmtp": ("LMTP", ("-starttls", "lmtp")),
    "submission": ("`submission` (587)", ("-starttls", "smtp")),
    "submissions": ("`submissions` (465)", ()),
}
OFFERS = {  # what a client offers: as openssl's options
    "TLS 1.3": ("-tls1_3",),
    "TLS 1.2, ECDHE et AES-GCM": ("-tls1_2", "-cipher", "ECDHE+AESGCM"),
    "TLS 1.2, ECDHE et ChaCha20": ("-tls1_2", "-cipher", "ECDHE+CHACHA20"),
    "TLS 1.2, ECDHE et AES-CBC, SHA-256 ou 384": (
        "-tls1_2",
        "-cipher",
        "ECDHE+SHA256:ECDHE+SHA384",
    ),
    "TLS 1.2, AES-CBC et SHA-1": ("-tls1_2", "-cipher", "ECDHE+SHA1:RSA+SHA1:@SECLEVEL=0"),
    "TLS 1.2, RSA sans échange éphémère": ("-tls1_2", "-cipher", "kRSA:@SECLEVEL=0"),
    "TLS 1.2, sans certificat (ADH, AECDH)": ("-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"),
    "TLS 1.2, sans chiffrement (NULL)": ("-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"),
    "TLS 1.1": ("-tls1_1", "-cipher", OLD),
    "TLS 1.0": ("-tls1", "-cipher", OLD),
}  # fmt: skip


def written(path: Path, leaf: trustme.LeafCert) -> None:
    """As certbot does: each file at once, one after the other."""
    for name, pem in (
        ("cert.pem", b"".join(blob.bytes() for blob in leaf.cert_chain_pems)),
        ("key.pem", leaf.private_key_pem.bytes()),
    ):
        fresh = path / f".{name}"
        fresh.write_bytes(pem)
        fresh.replace(path / name)


class Served:
    """Doors on real sockets, in a thread: openssl is another process, and is waited for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[str] = []
        listen = {"listen": "127.0.0.1:0"}
        users = listen | {"users": str(folder / "users.yaml")}
        settings = {
            "domains": ["ch.example"],
            "hostname": "gw.example",
            "data": str(folder),
            "tls": {"certificate": str(folder / "cert.pem"), "key": str(folder / "key.pem")},
            "doors": {"smtp": listen, "lmtp": listen, "submission": users, "submissions": users},
        }
        self._config = Config.model_validate(settings, context={"base": folder})
        self.ports: dict[str, int] = {}

    def run(self, ready: threading.Event) -> None:
        async def whole() -> None:
            self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
            flow = SimpleNamespace(process=None, answered=None)
            log = structlog.wrap_logger(self, processors=[lambda _, __, event: event["event"]])
            serving, doors = [], []
            for name in [*DOORS, "v6"]:
                family = socket.AF_INET6 if name == "v6" else socket.AF_INET
                sock = socket.create_server(
                    ("::1" if name == "v6" else "127.0.0.1", 0), family=family
                )
                self.ports[name] = sock.getsockname()[1]
                doors.append(parts.door(self._config, "smtp" if name == "v6" else name, flow, log))
                serving.append(asyncio.create_task(doors[-1].serve(sock)))
            ready.set()
            await self._over.wait()
            await asyncio.gather(*(door.close(0) for door in doors))
            await asyncio.gather(*serving)

        asyncio.run(whole())

    def warning(self, event: str) -> None:
        self.events.append(event)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("tls")
    written(folder, AUTHORITY.issue_cert("gw.example"))
    (folder / "users.yaml").write_text("{}\n")
    served, ready = Served(folder), threading.Event()
    thread = threading.Thread(target=served.run, args=(ready,), daemon=True)
    thread.start()
    assert ready.wait(SECONDS)
    yield served
    served.end()
    thread.join(SECONDS)


def openssl(
    port: int, *options: str, said: bytes = b"QUIT\r\n"
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options],
        input=said,
        capture_output=True,
        check=False,
        timeout=SECONDS,
        env={"PATH": os.environ["PATH"], "OPENSSL_CONF": "/dev/null"},  # no distribution's minimum
    )


def taken(port: int, *options: str) -> bool:
    done = openssl(port, "-brief", *options)
    assert (b"CONNECTION ESTABLISHED" in done.stderr) == (done.returncode == 0), done.stderr
    return done.returncode == 0


def sslv3(port: int, begin: bytes) -> bool:
    """openssl has unlearnt it: a hello by hand. Whether the door went on with it."""
    hello = bytes.fromhex("0300") + bytes(32) + bytes.fromhex("00 0004 002f 000a 01 00")
    handshake = b"\x01" + len(hello).to_bytes(3, "big") + hello
    with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
        if begin:
            client.recv(1000)
            client.sendall(begin)
            while b"220" not in client.recv(1000):
                pass
        client.sendall(b"\x16\x03\x00" + len(handshake).to_bytes(2, "big") + handshake)
        with contextlib.suppress(ConnectionError):
            return client.recv(1)[:1] == b"\x16"
    return False


def table(served: Served) -> str:
    """What the page says, as it proves to be."""
    with ThreadPoolExecutor(4) as several:
        asked = {
            (offer, door): several.submit(taken, served.ports[door], *begin, *options)
            for offer, options in OFFERS.items()
            for door, (_, begin) in DOORS.items()
        }
        rows = {o: [asked[o, door].result() for door in DOORS] for o in OFFERS}
    begins = {
        "smtp": b"EHLO x\r\nSTARTTLS\r\n",
        "lmtp": b"LHLO x\r\nSTARTTLS\r\n",
        "submissions": b"",
    }
    begins["submission"] = begins["smtp"]
    rows["SSL 3.0"] = [sslv3(served.ports[door], begins[door]) for door in DOORS]
    head = ["le client n'offre que", *(title for title, _ in DOORS.values())]
    lines = [head, ["---"] * len(head)]
    lines += [[offer, *("oui" if yes else "non" for yes in row)] for offer, row in rows.items()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def test_the_page_says_what_the_doors_take(doors):
    assert table(doors) in PAGE.read_text("utf-8")


@pytest.mark.parametrize("door", DOORS)
def test_nothing_is_negotiated_again(doors, door):
    done = openssl(doors.ports[door], *DOORS[door][1], "-tls1_2", said=b"R\n")
    assert b"no renegotiation" in done.stderr


def _secured(plain: socket.socket) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context.wrap_socket(plain, server_hostname="gw.example")


@pytest.mark.parametrize("door", ["smtp", "lmtp", "submission"])
def test_what_is_slipped_in_behind_starttls_is_not_obeyed_under_tls(doors, door):
    """CVE-2011-0411 and its kin."""
    with socket.create_connection(("127.0.0.1", doors.ports[door]), SECONDS) as plain:
        plain.recv(1000)
        plain.sendall(b"%b x\r\n" % (b"LHLO" if door == "lmtp" else b"EHLO"))
        while b"\n250 " not in plain.recv(4000):
            pass
        plain.sendall(b"STARTTLS\r\nNOOP\r\nHELP\r\nMAIL FROM:<evil@x.example>\r\n")
        assert plain.recv(1000).startswith(b"220")
        with _secured(plain) as client:
            client.sendall(b"QUIT\r\n")
            assert client.recv(1000).startswith(b"221"), "the answer to QUIT and to nothing else"


def shown(doors: Served, host: str = "127.0.0.1", door: str = "submissions") -> bytes:
    with socket.create_connection((host, doors.ports[door]), SECONDS) as plain:
        if door != "submissions":
            plain.recv(1000)
            plain.sendall(b"EHLO x\r\nSTARTTLS\r\n")
            while b"220" not in plain.recv(4000):
                pass
        with _secured(plain) as client:
            return client.getpeercert(binary_form=True) or b""


def test_a_door_serves_ipv6(doors):
    assert shown(doors, "::1", "v6")


def test_a_renewed_certificate_serves_the_next_handshake_and_touches_no_connection(doors):
    with (
        socket.create_connection(("127.0.0.1", doors.ports["submissions"]), SECONDS) as plain,
        _secured(plain) as client,
    ):
        assert client.recv(1000).startswith(b"220")
        before = client.getpeercert(binary_form=True)
        written(doors.folder, AUTHORITY.issue_cert("gw.example"))
        after = shown(doors)
        assert after != before
        assert shown(doors, door="smtp") == after, "each door by itself"
        client.sendall(b"NOOP\r\n")
        assert client.recv(1000).startswith(b"250")
    assert "certificate renewed" in doors.events


def test_a_broken_renewal_leaves_the_old_certificate_and_is_told_once(doors):
    before = shown(doors)
    key = (doors.folder / "key.pem").read_bytes()
    for broken in (b"", b"-----BEGIN", AUTHORITY.issue_cert("x").private_key_pem.bytes()):
        doors.events.clear()
        (doors.folder / "key.pem").write_bytes(broken)
        assert [shown(doors), shown(doors)] == [before, before]
        assert doors.events == ["certificate refused"]
    (doors.folder / "key.pem").unlink()
    assert shown(doors) == before
    (doors.folder / "key.pem").write_bytes(key)
    assert shown(doors) == before


def test_a_key_under_a_passphrase_is_refused_and_nobody_is_asked(tmp_path):
    leaf = AUTHORITY.issue_cert("gw.example")
    written(tmp_path, leaf)
    subprocess.run(
        [
            "openssl",
            "pkey",
            "-in",
            "key.pem",
            "-out",
            "locked.pem",
            "-aes256",
            "-passout",
            "pass:x",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    with pytest.raises(Misconfigured, match="do not load"):
        Certificate(tmp_path / "cert.pem", tmp_path / "locked.pem", lambda *_: None)
