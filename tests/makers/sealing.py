"""Mails to seal, and keys and certificates to seal them for. Fictitious throughout."""

from __future__ import annotations

import asyncio
import base64
import datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.model import Client, Envelope, Mail, Recipient, Reply
from gateway.ports import Delivery

RECEIVED = 1795440720.0  # Monday 23 November 2026, 14:32 in Paris
TRACE = b"Received: from pc.ch.example by relay.ch.example; Mon, 23 Nov 2026 14:32:00 +0100\r\n"


def message(
    *fields: str,
    text: str = "Bonjour,\r\nLes r\u00e9sultats sont joints.\r\n",
    files: tuple[tuple[str, bytes], ...] = (),
) -> bytes:
    """fields: further header fields; From, To and Subject unless given."""
    given = {field.partition(":")[0].lower() for field in fields}
    usual = (
        "From: =?utf-8?q?H=C3=A9l=C3=A8ne?= <helene@ch.example>",
        "To: Marie <marie@cabinet.example>",
        "Subject: =?utf-8?q?R=C3=A9sultats?=",
        "Date: Mon, 23 Nov 2026 14:31:00 +0100",
        "Message-ID: <abc@ch.example>",
        "MIME-Version: 1.0",
    )
    head = [field for field in usual if field.partition(":")[0].lower() not in given]
    body = (
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text
    )
    if not files:
        return "\r\n".join((*fields, *head, body)).encode()
    out = ["\r\n".join((*fields, *head, 'Content-Type: multipart/mixed; boundary="cut"', "", ""))]
    out.append(f"--cut\r\n{body}\r\n")
    for name, data in files:
        coded = base64.encodebytes(data).decode().replace("\n", "\r\n")
        out.append(
            "--cut\r\nContent-Type: application/octet-stream\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            f"Content-Disposition: attachment; filename*=utf-8''{name}\r\n\r\n{coded}"
        )
    return "".join((*out, "--cut--\r\n")).encode()


def mail(
    content: bytes | None = None,
    to: tuple[str, ...] = ("marie@cabinet.example",),
    sender: str = "helene@ch.example",
    options: tuple[str, ...] = (),
) -> Mail:
    recipients = tuple(Recipient(address, ("NOTIFY=FAILURE",)) for address in to)
    envelope = Envelope(sender, recipients, options)
    content = message() if content is None else content
    return Mail("7K2F-9QXD", "lmtp", Client(), envelope, content, TRACE, 1e12, RECEIVED)


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def certificate(
    address: str,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
    *,
    days: tuple[int, int] = (-10, 10),
    usage: bool = True,
    extended: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    now: float = RECEIVED,
) -> bytes:
    """PEM. days: validity around `now`. usage: whether it may encipher keys."""
    key = key or rsa_key(address)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Personne fictive")])
    day = datetime.datetime.fromtimestamp(now, datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(day + datetime.timedelta(days[0]))
        .not_valid_after(day + datetime.timedelta(days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
        .add_extension(
            x509.KeyUsage(True, False, usage, False, False, False, False, False, False),
            critical=True,
        )
        .add_extension(x509.ExtendedKeyUsage([extended]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)


class Diary:
    """A relay and a custody that write down what they were given, in order."""

    def __init__(
        self,
        replies: dict[str, Reply] | None = None,
        full: BaseException | None = None,
        late: BaseException | None = None,
    ):
        """full: nothing can be parked. late: nothing can be posted any more."""
        self.replies, self.full, self.late = replies or {}, full, late
        self.entries: list[tuple] = []

    async def send(self, envelope, content, *, deadline, route="default"):
        await asyncio.sleep(0)
        self.entries.append(("sent", envelope, b"".join(content), route))
        return {
            address: Delivery(self.replies.get(address, Reply(250, "2.0.0", ("Ok",))), "hop:25")
            for address in envelope.addresses
        }

    async def park(self, letters):
        if self.full:
            raise self.full
        self.entries.append(("parked", tuple(letters)))
        return (7,)

    async def post(self, mail, letters, receipts, instead_of=()):
        if self.late:
            raise self.late
        self.entries.append(("posted", tuple(letters), tuple(receipts), tuple(instead_of)))

    async def hold(self, mail, hold, letters, receipts):
        raise AssertionError("encrypt holds nothing")

    @property
    def sent(self):
        return [entry for entry in self.entries if entry[0] == "sent"]

    @property
    def posted(self):
        return [entry for entry in self.entries if entry[0] == "posted"]
