"""MTA-STS: what a domain asks of whoever sends it mail (RFC 8461).

A TXT record announces a policy by its id; the policy itself comes over HTTPS from a host of the
domain, whose certificate is verified, without redirects. It is kept, on disk too, for as long as it
says: a record that disappears, an answer that does not come or a broken policy change nothing until
then (RFC 8461, 5.1), since that is what whoever would strip it can bring about.

It fetches and keeps; which hosts a policy leaves, and that TLS is verified there, is for
`destination` to say. No reports (RFC 8460).
"""

from __future__ import annotations

import contextlib
import json
import ssl
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gateway.act.https import Site
from gateway.act.names import Names, Unknown

ENFORCE, MODES = "enforce", ("enforce", "testing", "none")
LONGEST_SECONDS = 31_557_600  # a year: RFC 8461, 3.2
RENEW_SECONDS = 86_400  # a policy older than that is fetched anew, be its id the same
FETCH_SECONDS = 10.0  # for all of it; RFC 8461, 3.3 allows a minute, which a client does not have
AGAIN_SECONDS = 300  # after a failure
POLICY_BYTES = 64 * 1024
MOST_HOSTS = 200  # of one policy
KEPT_DOMAINS = 1_000  # in memory
V = TypeVar("V")
_TXT_OCTETS = 1_024
_ID_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Policy:
    """mx: host names, "*.x" for any one label below x."""

    mode: str
    mx: tuple[str, ...]
    max_age: int

    def allows(self, host: str) -> bool:
        parent = host.partition(".")[2]
        return host in self.mx or (bool(parent) and f"*.{parent}" in self.mx)


@dataclass(frozen=True, slots=True)
class _Kept:
    """fetched: seconds since the epoch."""

    ident: str
    fetched: float
    text: str
    policy: Policy

    def holds(self, now: float) -> bool:
        return self.fetched <= now + RENEW_SECONDS and now < self.fetched + self.policy.max_age

    def is_fresh(self, ident: str, now: float) -> bool:
        age = min(RENEW_SECONDS, self.policy.max_age / 2)
        return self.ident == ident and now < self.fetched + age


class Policies:
    """folder: where policies are kept; None: in memory alone. port: of HTTPS."""

    def __init__(
        self,
        names: Names,
        folder: Path | None = None,
        *,
        port: int = 443,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._names = names
        self._folder = folder
        self._port = port
        self._clock = clock
        self._known: OrderedDict[str, _Kept] = OrderedDict()
        self._failed: OrderedDict[str, float] = OrderedDict()

    async def of(self, domain: str, context: ssl.SSLContext) -> Policy | None:
        """domain: in ASCII and small letters. context: verifies the host of the policy."""
        kept = self._recall(domain)
        ident = await self._announced(domain)
        now = self._clock()
        if ident is None or (kept and kept.is_fresh(ident, now)):
            return kept.policy if kept else None
        if now >= self._failed.get(domain, 0):
            text = await self._fetch(domain, context)
            policy = parse(text)
            if policy is None:
                _remember(self._failed, domain, now + AGAIN_SECONDS)
            else:
                kept = _Kept(ident, now, text, policy)
                self._keep(domain, kept)
        return kept.policy if kept else None

    async def _announced(self, domain: str) -> str | None:
        """The id; None where there is no policy to fetch, or none that one knows of."""
        try:
            found = await self._names.find(f"_mta-sts.{domain}", "TXT")
        except Unknown:
            return None
        texts = [b"".join(getattr(record, "strings", ()))[:_TXT_OCTETS] for record in found.records]
        announcing = [text for text in texts if text.startswith(b"v=STSv1;")]
        if len(announcing) != 1:  # RFC 8461, 3.1: as if there were none
            return None
        for piece in announcing[0].decode("ascii", "replace").split(";")[1:]:
            key, _, value = piece.strip().partition("=")
            if key.strip() == "id":
                ident = value.strip()
                fit = ident.isascii() and ident.isalnum() and len(ident) <= _ID_CHARACTERS
                return ident if fit else None
        return None

    async def _fetch(self, domain: str, context: ssl.SSLContext) -> str:
        """ "" where there is none to be had."""
        site = Site(self._names, context, FETCH_SECONDS, POLICY_BYTES, self._port)
        answer = await site.get(f"mta-sts.{domain}", "/.well-known/mta-sts.txt")
        if answer is None or answer.status != 200 or answer.kind != "text/plain":
            return ""
        return answer.body.decode("utf-8", "replace")

    # what is kept

    def _recall(self, domain: str) -> _Kept | None:
        kept = self._known.get(domain) or self._read(domain)
        if kept is None or not kept.holds(self._clock()):
            return None
        _remember(self._known, domain, kept)
        return kept

    def _keep(self, domain: str, kept: _Kept) -> None:
        _remember(self._known, domain, kept)
        if self._folder is None:
            return
        written = {"id": kept.ident, "fetched": kept.fetched, "policy": kept.text}
        path = self._folder / f"{domain}.json"
        fresh = path.with_name(f".{domain}.{id(kept):x}")
        with contextlib.suppress(OSError):  # a full disk: memory has it
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(written), "utf-8")
            fresh.replace(path)

    def _read(self, domain: str) -> _Kept | None:
        if self._folder is None:
            return None
        try:
            with (self._folder / f"{domain}.json").open("rb") as file:
                written = json.loads(file.read(2 * POLICY_BYTES))
            ident, fetched, text = written["id"], float(written["fetched"]), written["policy"]
            policy = parse(text)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        return _Kept(str(ident), fetched, text, policy) if policy else None


def parse(text: str) -> Policy | None:
    """None for what is no policy: then the one before stays (RFC 8461, 3.2)."""
    said: dict[str, str] = {}
    mx: list[str] = []
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not colon:
            continue
        if key == "mx":
            mx.append(value.lower().removesuffix("."))
        else:
            said.setdefault(key, value)  # the first counts
    mode, age = said.get("mode", ""), said.get("max_age", "")
    if said.get("version") != "STSv1" or mode not in MODES or len(mx) > MOST_HOSTS:
        return None
    if not (age.isascii() and age.isdigit() and len(age) <= 10) or not (mx or mode == "none"):
        return None
    return Policy(mode, tuple(mx), min(int(age), LONGEST_SECONDS))


def _remember(known: OrderedDict[str, V], domain: str, value: V) -> None:
    known[domain] = value
    known.move_to_end(domain)
    while len(known) > KEPT_DOMAINS:
        known.popitem(last=False)
