"""Passwords of encrypted documents, sent to telephones that the organisation knows, beside the
letter that tells them to the sender. A text message names nobody and no organisation.

    numbers    "dr.martin@cabinet.example;06 39 98 00 01", one a line; read when it changes
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from gateway.act.folder import stamp
from gateway.act.sms import Sms, number_of
from gateway.config import Config
from gateway.config_portal import Sms as Section
from gateway.errors import Misconfigured

MOST = 20  # telephones for one secret; more, and its sender tells it
_WORDS = "Mot de passe du document chiffré que vous recevez par courriel : {secret}"


def gateway(told: Section | None) -> Sms | None:
    """Reads what only root may read: before the process leaves it."""
    if told is None:
        return None
    try:
        authorization = told.authorization.read_text("utf-8") if told.authorization else ""
        context = ssl.create_default_context(cafile=told.ca) if told.ca else None
    except (OSError, ValueError) as error:
        raise Misconfigured(f"sms: {type(error).__name__}") from None
    return Sms(told.url, told.body, told.format, authorization.strip(), context)


def of(config: Config, log: structlog.BoundLogger) -> Texting | None:
    """None where secrets go by no text message."""
    sms = gateway(config.pdf.sms)
    if sms is None or config.pdf.numbers is None:
        return None
    return Texting(sms, Numbers(config.pdf.numbers), log)


@dataclass(slots=True)
class Numbers:
    """A line that is neither address nor number counts for nothing; so does a file that is gone."""

    path: Path | None
    _known: Mapping[str, str] = field(default_factory=dict, repr=False)
    _seen: tuple[int, int] | None = None

    def __call__(self, address: str) -> str:
        """The number of this address, or ""."""
        seen = stamp(self.path)
        if seen != self._seen:
            self._known, self._seen = self._read(), seen
        return self._known.get(address.lower(), "")

    def _read(self) -> dict[str, str]:
        try:
            lines = self.path.read_text("utf-8-sig").splitlines() if self.path else []
        except (OSError, UnicodeError):
            return {}
        pairs = (line.partition(";") for line in lines if not line.startswith("#"))
        known = {address.strip().lower(): number_of(number.strip()) for address, _, number in pairs}
        return {address: number for address, number in known.items() if number}


@dataclass(frozen=True, slots=True)
class Texting:
    """As `gateway.act.encrypt.Encrypt` calls it."""

    sms: Sms
    numbers: Numbers
    log: structlog.BoundLogger

    async def __call__(self, recipients: Sequence[str], secret: str) -> tuple[str, ...]:
        """Those whose telephones the gateway took it for."""
        known = [(one, number) for one in recipients if (number := self.numbers(one))][:MOST]
        words = _WORDS.format(secret=secret)
        taken = await asyncio.gather(*(self.sms.send(number, words) for _, number in known))
        if failed := taken.count(False):
            self.log.warning("text messages refused", count=failed)
        return tuple(one for (one, _), took in zip(known, taken, strict=True) if took)
