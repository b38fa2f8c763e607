"""OpenPGP keys that a mail domain publishes of its own people: Web Key Directory
(draft-koch-openpgp-webkey-service).

The advanced way first, https://openpgpkey.<domain>/; the direct one, https://<domain>/, only where
that host does not exist. HTTPS only, no redirects, one address a question. That a key is there is
all that is looked at here.
"""

from __future__ import annotations

import hashlib
import string
from urllib.parse import quote

from gateway.act import openpgp_key
from gateway.act.https import Site
from gateway.act.names import Unknown, ascii_domain

KEY_BYTES = 64 * 1024  # of an answer; a key has 1 to 10 KB
_ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"  # z-base-32
_NONE = (404, 410)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


async def published(site: Site, address: str) -> bytes | None:
    """b"": there is none. None: nobody answered, and it may be asked again."""
    local, _, written = address.rpartition("@")
    domain = ascii_domain(written)
    if not local or domain is None:
        return b""
    try:
        host = f"openpgpkey.{domain}"
        if (await site.names.find(host, "AAAA")).exists:
            folder = f"/.well-known/openpgpkey/{domain}/hu/"
        else:
            host, folder = domain, "/.well-known/openpgpkey/hu/"
    except Unknown:
        return None
    answer = await site.get(host, f"{folder}{hashed(local)}?l={quote(local, safe='')}")
    if answer is None or answer.status not in (200, *_NONE):
        return None
    return answer.body if answer.status == 200 and openpgp_key.read(answer.body) else b""


def hashed(local: str) -> str:
    """SHA-1 of the local part in small letters (of ASCII only), in z-base-32."""
    digest = hashlib.sha1(local.translate(_LOWER).encode(), usedforsecurity=False).digest()
    number = int.from_bytes(digest, "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(155, -1, -5))
