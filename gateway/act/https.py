"""One small document over HTTPS, from a host whose name a stranger gave: its addresses come from
our resolver, its certificate must bear its name, and no redirect is followed."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass

import httpx

from gateway.act.names import Names, Unknown

PORT = 443


@dataclass(frozen=True, slots=True)
class Answer:
    """kind: its media type, in small letters."""

    status: int
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Site:
    """context: verifies the host. seconds: for all of it. most: bytes of the document."""

    names: Names
    context: ssl.SSLContext
    seconds: float
    most: int
    port: int = PORT

    async def get(self, host: str, path: str) -> Answer | None:
        """None where there is none to be had. path: as it stands in a request, with its query."""
        with contextlib.suppress(
            Unknown, TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError
        ):
            async with asyncio.timeout(self.seconds):
                addresses = (await self.names.addresses(host)).addresses
                async with httpx.AsyncClient(verify=self.context, trust_env=False) as client:
                    for address in addresses:
                        with contextlib.suppress(httpx.ConnectError):
                            return await self._from(client, host, address, path)
        return None

    async def _from(
        self, client: httpx.AsyncClient, host: str, address: str, path: str
    ) -> Answer | None:
        at = f"[{address}]" if ":" in address else address
        async with client.stream(
            "GET",
            f"https://{at}:{self.port}{path}",
            headers={"Host": host, "Accept-Encoding": "identity"},
            extensions={"sni_hostname": host},
            follow_redirects=False,
            timeout=self.seconds,
        ) as answer:
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                return None
            body = b""
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > self.most:
                    return None
        return Answer(answer.status_code, kind, body)
