"""The public directory of health professionals and structures (ANS, Annuaire Santé, FHIR R4): whose
MSSanté mailboxes there are.

Asked by a person, at the command line, never while a mail waits: a name alone does not tell who a
correspondent is, so what it answers is shown to somebody who knows, and used for nothing else.
Answers are kept for a day; the directory asks that none be kept for more than thirty.
"""

from __future__ import annotations

import hashlib
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway.act.outside import is_plain
from gateway.errors import Temporary

KEY_FIELD = "ESANTE-API-KEY"
KINDS = ("Practitioner", "PractitionerRole", "Organization")
MAX_BYTES = 4 * 1024 * 1024
MAX_FOUND = 100  # mailboxes of one answer
KEPT_SECONDS = 86_400.0
_HIDDEN = "publication"  # of a mailbox's metadata: false for those on the red list


@dataclass(frozen=True, slots=True)
class Mailbox:
    """whose: as the directory names them; "" where it does not."""

    address: str
    whose: str


@dataclass(frozen=True, slots=True)
class HealthDirectory:
    """url: of the API, without a slash at its end. key: of the API. seconds: for one question.
    cache: a folder. inside: whether an address is of the space."""

    url: str
    key: str
    context: ssl.SSLContext
    seconds: float
    cache: Path
    inside: Callable[[str], bool]
    clock: Callable[[], float] = time.time

    def ask(self, kind: str, asked: Mapping[str, str]) -> tuple[Mailbox, ...]:
        """kind: of KINDS. asked: search parameters. Raises Temporary."""
        answer = self._kept(kind, asked)
        if answer is None:
            answer = self._fetched(kind, asked)
            self._keep(kind, asked, answer)
        return tuple(mailboxes(answer, self.inside))

    def _fetched(self, kind: str, asked: Mapping[str, str]) -> bytes:
        found = bytearray()
        try:
            with (
                httpx.Client(verify=self.context, trust_env=False, timeout=self.seconds) as client,
                client.stream(
                    "GET", f"{self.url}/{kind}", params=dict(asked), headers={KEY_FIELD: self.key}
                ) as answer,
            ):
                if answer.status_code != httpx.codes.OK:
                    raise Temporary(f"directory: its host answers {answer.status_code}")
                for piece in answer.iter_bytes():
                    found += piece
                    if len(found) > MAX_BYTES:
                        raise Temporary("directory: too long an answer")
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise Temporary("directory: its host cannot be reached") from None
        return bytes(found)

    def _kept(self, kind: str, asked: Mapping[str, str]) -> bytes | None:
        path = self._path(kind, asked)
        try:
            if path.stat().st_mtime > self.clock() - KEPT_SECONDS:
                return path.read_bytes()
        except OSError:
            pass
        return None

    def _keep(self, kind: str, asked: Mapping[str, str], answer: bytes) -> None:
        self.cache.mkdir(mode=0o770, parents=True, exist_ok=True)
        for old in self.cache.iterdir():
            if old.stat().st_mtime < self.clock() - KEPT_SECONDS:
                old.unlink(missing_ok=True)
        self._path(kind, asked).write_bytes(answer)

    def _path(self, kind: str, asked: Mapping[str, str]) -> Path:
        question = json.dumps([self.url, kind, sorted(asked.items())]).encode()
        return self.cache / f"{hashlib.sha256(question).hexdigest()[:32]}.json"


def mailboxes(answer: bytes, inside: Callable[[str], bool]) -> Iterator[Mailbox]:
    """Of a Bundle: each once, none that is on the red list. Raises Temporary for what is none."""
    try:
        bundle = json.loads(answer)
    except (ValueError, RecursionError):
        raise Temporary("directory: its answer is no JSON") from None
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Temporary("directory: its answer is no Bundle")
    known: set[str] = set()
    for entry in _several(bundle.get("entry")):
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            continue
        for told in _several(resource.get("telecom")):
            address = str(told.get("value", "")).strip().lower()
            shown = is_plain(address) and inside(address) and not _is_hidden(told)
            if shown and address not in known and len(known) < MAX_FOUND:
                known.add(address)
                yield Mailbox(address, _whose(resource))


def _several(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _is_hidden(telecom: dict[str, Any]) -> bool:
    inner = (one for outer in _several(telecom.get("extension")) for one in [outer, *_parts(outer)])
    return any(one.get("url") == _HIDDEN and one.get("valueBoolean") is False for one in inner)


def _parts(extension: dict[str, Any]) -> list[dict[str, Any]]:
    return _several(extension.get("extension"))


def _whose(resource: dict[str, Any]) -> str:
    """Of a person or a structure, in one printable line."""
    name = resource.get("name")
    if isinstance(name, list):
        first = next(iter(_several(name)), {})
        given = first.get("given")
        parts = [*(given if isinstance(given, list) else []), first.get("family", "")]
        name = first.get("text") or " ".join(str(part) for part in parts if part)
    words = str(name or "").split()
    return "".join(c for c in " ".join(words) if c.isprintable())[:200]
