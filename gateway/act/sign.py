"""DKIM (RFC 6376) for mails we wrote or changed; a mail passed untouched keeps its own signature.

relaxed/simple: the next hop may refold a header field, but has no reason to touch a body, and
"simple" costs half. Of each algorithm that a domain has keys of, the one that came into force last
signs: RSA and Ed25519 (RFC 8463) side by side. Every field of OVERSIGNED is named once more than it
stands, so that none can be added. A domain with a key is never sent unsigned: a failure is
Temporary. Keys are read and checked at start, those of a keyring whenever it changes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from gateway.act import canonical, header
from gateway.act.signature import (
    MIN_BITS,
    RSA,
    PrivateKey,
    algorithm_of,
    folded_base64,
    folded_names,
    sign,
)
from gateway.errors import Misconfigured, Temporary

# RFC 6376, 5.4.1, less what a hop or a list may rightly add afterwards (Sender, Resent-*, List-*).
OVERSIGNED = (
    b"from",
    b"reply-to",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
)
# Postfix gives them to a mail of its own machine that lacks them: that must break nothing.
ADDED_WHERE_MISSING = (b"date", b"message-id")
MAX_SIGNED_FIELDS = 200  # named in h=; a mail with more of these fields was made to cost
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*"
)


@dataclass(frozen=True, slots=True)
class DkimKey:
    """private_key: PEM, RSA or Ed25519, without a passphrase. active_from: seconds since the epoch;
    before that it signs nothing."""

    domain: str
    selector: str
    private_key: bytes = field(repr=False)
    active_from: float = 0.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """A key ready to sign. domain, selector: as in DNS."""

    domain: bytes
    selector: bytes
    active_from: float
    private: PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> bytes:
        return algorithm_of(self.private)


class Signer:
    """keys: those of the configuration. keyring: further ones; another sequence once it changed."""

    def __init__(
        self,
        keys: Sequence[DkimKey],
        keyring: Callable[[], Sequence[DkimKey]] = tuple,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._fixed = _by_domain(keys)
        self._keyring = keyring
        self._clock = clock
        self._read: Sequence[DkimKey] = ()
        self._varying: dict[str, list[Loaded]] = {}
        self.in_force("")  # a broken keyring is told of at start

    @property
    def has_keys(self) -> bool:
        return bool(self._fixed or self._keyring())

    def in_force(self, domain: str) -> list[Loaded]:
        """The keys that sign for a domain today; RSA, which every verifier knows, first."""
        read = self._keyring()
        if read is not self._read:
            self._varying, self._read = _by_domain(read), read
        domain, now = _in_dns(domain), self._clock()
        known = [*self._fixed.get(domain, ()), *self._varying.get(domain, ())]
        begun = [key for key in known if key.active_from <= now]
        latest = {
            algorithm: max(k.active_from for k in begun if k.algorithm == algorithm)
            for algorithm in {key.algorithm for key in begun}
        }
        chosen = [key for key in begun if key.active_from == latest[key.algorithm]]
        return sorted(chosen, key=lambda key: (key.algorithm != RSA, key.selector))

    def sign(self, message: bytes, domain: str) -> bytes:
        """The message with its signatures in front; as it is when no key is for that domain."""
        return self.signatures(message, domain) + message

    def signatures(self, message: bytes, domain: str) -> bytes:
        """The fields to be put in front of the message; none where no key is for that domain."""
        keys = self.in_force(domain)
        if not keys:
            return b""
        head, body = header.split(message)
        read = header.read(head)
        names = signed_names(read)
        if names is None:
            raise Temporary("DKIM signing failed")
        hashed = canonical.body_hash(body, b"simple")
        written = []
        for key in keys:
            tags = b"v=1; a=%b; c=relaxed/simple; d=%b; s=%b; t=%d" % (
                key.algorithm,
                key.domain,
                key.selector,
                int(self._clock()),
            )
            written.append(signed(b"DKIM-Signature", tags, read.fields, names, hashed, key))
        return b"".join(written)


def signed_names(read: header.Header, also: Sequence[bytes] = ()) -> list[bytes] | None:
    """Of h=: every field of OVERSIGNED as often as it stands, and once more; `also`: no more often
    than they stand. None for a header that two programs might read differently."""
    standing = [name for name, _ in read.fields]
    left = [name for name in ADDED_WHERE_MISSING if name not in standing]
    known = [name for name in OVERSIGNED if name not in left]
    names = [name for one in known for name in [one] * (standing.count(one) + 1)]
    names += [name for name in standing if name in also]
    return None if read.odd or len(names) > MAX_SIGNED_FIELDS else names


def signed(
    name: bytes,
    tags: bytes,
    fields: Sequence[tuple[bytes, bytes]],
    names: list[bytes],
    hashed: bytes,
    key: Loaded,
) -> bytes:
    """A whole field of DKIM-Signature or ARC-Message-Signature, folded, with its CRLF."""
    empty = b"%b: %b;\r\n h=%b;\r\n bh=%b;\r\n b=\r\n" % (
        name,
        tags,
        folded_names(names),
        folded_base64(hashed),
    )
    data = canonical.signed_data(fields, names, empty, b"relaxed")
    return empty.removesuffix(b"\r\n") + folded_base64(sign(key.private, data)) + b"\r\n"


def _by_domain(keys: Iterable[DkimKey]) -> dict[str, list[Loaded]]:
    found: dict[str, list[Loaded]] = {}
    for key in keys:
        found.setdefault(_in_dns(key.domain), []).append(load(key))
    return found


def _in_dns(domain: str) -> str:
    """As a record bears it, whichever way it is written; "" where none can."""
    try:
        return domain.lower().encode("idna").decode()
    except UnicodeError:
        return ""


def load(key: DkimKey) -> Loaded:
    """Raises Misconfigured for a key that could not sign, or a name that could not stand in DNS."""
    where = f"dkim key of {key.domain} (selector {key.selector})"
    domain = _in_dns(key.domain)
    if not (_HOST.fullmatch(domain) and _HOST.fullmatch(key.selector.lower())):
        raise Misconfigured(f"{where!r}: domain and selector are names of DNS")
    try:
        private = serialization.load_pem_private_key(key.private_key, None)
    except (ValueError, TypeError) as error:
        raise Misconfigured(f"{where}: no PEM private key without a passphrase") from error
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise Misconfigured(f"{where}: neither RSA nor Ed25519")
    if isinstance(private, RSAPrivateKey) and private.key_size < MIN_BITS:
        raise Misconfigured(f"{where}: {private.key_size} bits, at least {MIN_BITS} are needed")
    return Loaded(domain.encode(), key.selector.lower().encode(), key.active_from, private)
