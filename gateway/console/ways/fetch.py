"""JSON from a provider of identities, within bounds: ten seconds, half a megabyte, no redirect.

Nothing of an answer goes into an error: it may hold a token.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx

SECONDS = 10.0
MOST_BYTES = 512 * 1024
_CONNECT_SECONDS = 5.0


class Away(Exception):
    """It could not be asked, or did not answer as it should. code: a word for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Fetcher:
    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    async def json(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: str | None = None,
    ) -> dict[str, Any]:
        """GET, or POST of a form. Raises Away for all but an object with status 200."""
        try:
            async with asyncio.timeout(SECONDS):
                status, body = await self._fetch(url, dict(headers or {}), form)
        except TimeoutError:
            raise Away("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise Away("unreachable") from None
        if status != 200:
            raise Away(f"status {status}")
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise Away("not JSON") from None
        if not isinstance(answer, dict):
            raise Away("not an object")
        return answer

    async def _fetch(
        self, url: str, headers: dict[str, str], form: str | None
    ) -> tuple[int, bytes]:
        method = "GET" if form is None else "POST"
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"} | headers
        timeout = httpx.Timeout(SECONDS, connect=_CONNECT_SECONDS)
        async with (
            httpx.AsyncClient(verify=self._context, timeout=timeout) as client,
            client.stream(method, url, headers=headers, content=form) as answer,
        ):
            body = b""
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise Away("too big")
            return answer.status_code, body
