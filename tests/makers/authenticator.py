"""An authenticator in software (WebAuthn level 2): keeps keys, counts, and answers as a browser's
script hands answers in. Tests bend what it says."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_PRESENT, _VERIFIED, _WITH_KEY = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """origin, site: where its browser is. verified: it recognised its person. step: how much it
    counts up at each use; 0 for one that does not count."""

    origin: str = "http://localhost"
    site: str = "localhost"
    verified: bool = True
    step: int = 1
    counter: int = 0
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    handle: bytes = b""

    def register(self, options: dict[str, object]) -> str:
        self.handle = decoded(options["user"]["id"])  # type: ignore[index]
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1}
        public |= {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        about = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential
        data = self._data(_WITH_KEY) + about + cbor2.dumps(public)
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            attestationObject=made, clientDataJSON=self._client("webauthn.create", options)
        )

    def enter(self, options: dict[str, object]) -> str:
        self.counter += self.step
        data, client = self._data(), self._client("webauthn.get", options)
        seal = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            authenticatorData=data, clientDataJSON=client, signature=seal, userHandle=self.handle
        )

    def _data(self, flags: int = 0) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verified else 0)
        site = hashlib.sha256(self.site.encode()).digest()
        return site + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, object]) -> bytes:
        about = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(about).encode()

    def _answer(self, **response: bytes) -> str:
        name = encoded(self.credential)
        told = {key: encoded(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": told})


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")
