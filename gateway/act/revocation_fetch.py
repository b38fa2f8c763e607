"""Fetches revocation lists and OCSP answers into the folder that `revocation` reads.

Asked by the clock of the release process, never while a mail waits. What was fetched is kept until
a better one is: a list that cannot be had today stays in force for as long as it says. Addresses
come from certificates that lead to an anchor; no redirect is followed, no proxy of the environment
used, nothing unpacked. A site that does not answer is left alone for a while, whatever else is
there: hundreds of certificates may name the same responder. OCSP goes without a nonce (RFC 9654
leaves it out for answers made ahead).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from gateway.act import revocation
from gateway.act.revocation import MAX_BYTES, State

SECONDS = 20.0  # to connect, and between two pieces
LONGEST_SECONDS = 120.0  # for one list; the longest have 10 MB
AGAIN = timedelta(hours=6)  # what holds for a week is fetched again then
SOON = timedelta(minutes=10)  # never more often, though it hold for a minute
FAILED = timedelta(minutes=30)  # what could not be had is asked for again then
_PLAIN = {"Accept-Encoding": "identity"}
_OCSP = {"Content-Type": "application/ocsp-request"}


@dataclass(frozen=True, slots=True, repr=False)
class _Wanted:
    """body: of a request that asks; b"" to fetch. state: what it tells of the certificate it is
    wanted for, and until when it holds."""

    name: str
    url: str
    body: bytes
    state: Callable[[bytes], tuple[State, datetime | None]]

    @property
    def site(self) -> str:
        return self.url.split("/", 3)[2]


@dataclass(slots=True, repr=False)
class Fetcher:
    """folder: made where it is not there. due: when each file, and each site that was silent, is
    asked for again."""

    folder: Path
    due: dict[str, datetime] = field(default_factory=dict)

    async def __call__(self, paths: Sequence[Sequence[x509.Certificate]], now: datetime) -> int:
        """How many could not be had. paths: of certificates, up to their anchors."""
        pairs = dict.fromkeys(pair for path in paths for pair in pairwise(path))
        failed = 0
        async with httpx.AsyncClient(trust_env=False, timeout=SECONDS) as client:
            for certificate, issuer in pairs:
                failed += await self._about(client, certificate, issuer, now)
        return failed

    async def _about(
        self,
        client: httpx.AsyncClient,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
        now: datetime,
    ) -> int:
        """Lists first, which tell of all its authority issued; where none is to be had, OCSP."""
        lists = list(_lists(certificate, issuer, now))
        failed = [one for one in lists if not await self._had(client, one, now)]
        if lists and len(failed) < len(lists):
            return 0
        answers = list(_answers(certificate, issuer, now))
        for one in answers:
            if await self._had(client, one, now):
                return 0
        return int(bool(lists or answers))

    async def _had(self, client: httpx.AsyncClient, wanted: _Wanted, now: datetime) -> bool:
        """Whether it lies there and is not yet to be asked for again, or could be fetched."""
        path = self.folder / wanted.name
        if now < max(self.due.get(one, now) for one in (wanted.url + wanted.name, wanted.site)):
            return path.exists()
        written = await _fetched(client, wanted)
        if written is None:
            self.due[wanted.site], written = now + FAILED, b""
        state, until = wanted.state(written)
        if state is State.UNKNOWN:
            self.due[wanted.url + wanted.name] = now + FAILED
            return False
        self.folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(written)
        part.replace(path)
        self.due[wanted.url + wanted.name] = max(now + SOON, min(now + AGAIN, until or now + AGAIN))
        return True


def _lists(
    certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> Iterator[_Wanted]:
    def state(written: bytes) -> tuple[State, datetime | None]:
        listed = revocation.load_list(written)
        if listed is None:
            return State.UNKNOWN, None
        return revocation.by_list(listed, certificate, issuer, now), listed.next_update_utc

    for url in revocation.crl_addresses(certificate):
        yield _Wanted(revocation.crl_name(url), url, b"", state)


def _answers(
    certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> Iterator[_Wanted]:
    def state(written: bytes) -> tuple[State, datetime | None]:
        found = revocation.by_answer(written, certificate, issuer, now)
        if found is State.UNKNOWN:
            return found, None
        return found, ocsp.load_der_ocsp_response(written).next_update_utc

    # SHA-1 names the issuer here and proves nothing: RFC 5019 has responders know no other.
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1()).build()  # noqa: S303
    for url in revocation.ocsp_addresses(certificate):
        name = revocation.ocsp_name(certificate)
        yield _Wanted(name, url, asked.public_bytes(Encoding.DER), state)


async def _fetched(client: httpx.AsyncClient, wanted: _Wanted) -> bytes | None:
    """b"" where there is none to be had, or too much; None where nobody answers."""
    headers = _PLAIN | (_OCSP if wanted.body else {})
    method = "POST" if wanted.body else "GET"
    found = bytearray()
    try:
        async with (
            asyncio.timeout(LONGEST_SECONDS),
            client.stream(
                method, wanted.url, content=wanted.body or None, headers=headers
            ) as answer,
        ):
            packed = answer.headers.get("Content-Encoding", "identity") != "identity"
            if answer.status_code != httpx.codes.OK or packed:
                return b""
            async for piece in answer.aiter_raw():
                found += piece
                if len(found) > MAX_BYTES:
                    return b""
            return bytes(found)
    except (TimeoutError, httpx.TransportError, OSError):
        return None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        return b""
