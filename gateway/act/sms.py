"""Text messages, sent by somebody else's machine that is asked over HTTP.

One POST, ten seconds, no redirect. Neither number nor code goes into an error or a log.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import quote_plus

import httpx

SECONDS = 10.0
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)  # E.164
_KINDS = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Sms:
    """body: with {number} and {text} in it. form: they are form values, else JSON strings."""

    url: str
    body: str
    format: str = "json"
    authorization: str = field(default="", repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False)

    async def send(self, number: str, text: str) -> bool:
        """Whether the gateway took it."""
        headers = {"Content-Type": _KINDS[self.format]}
        if self.authorization:
            headers["Authorization"] = self.authorization
        write = quote_plus if self.format == "form" else json.dumps
        filled = self.body.replace("{number}", write(number)).replace("{text}", write(text))
        try:
            async with (
                asyncio.timeout(SECONDS),
                httpx.AsyncClient(verify=self.context or True) as client,
            ):
                answer = await client.post(self.url, headers=headers, content=filled)
        except (TimeoutError, httpx.HTTPError, OSError):
            return False
        return bool(200 <= answer.status_code < 300)


def number_of(written: str) -> str:
    """As the network writes it, "+33612345678"; "" for what is no number."""
    bare = re.sub(r"[\s.()-]", "", written[:40])
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    elif bare.startswith("0"):
        bare = f"+33{bare[1:]}"
    return bare if _NUMBER.fullmatch(bare) else ""
