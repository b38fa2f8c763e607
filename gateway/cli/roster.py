"""Addresses of staff in a file that a directory exported: LDIF (RFC 2849), CSV of any kind, or one
a line. Whatever is an address of ours, in whatever column, is a colleague's."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from pathlib import Path

_ADDRESS = re.compile(r"[^\s<>\"',;:|()\[\]]{1,64}@[A-Za-z0-9.-]{1,255}")
_MAIL = ("mail", "mailalternateaddress", "mailalias", "proxyaddresses", "rfc822mailbox")
MAX_BYTES = 256 * 1024 * 1024


def addresses(path: Path, ours: Callable[[str], bool]) -> set[str]:
    text = _text(path.read_bytes()[:MAX_BYTES])
    lines = _of_ldif(text) if _is_ldif(text) else text.splitlines()
    found = {one.lower() for line in lines for one in _ADDRESS.findall(line)}
    return {one for one in found if ours(one)}


def _text(raw: bytes) -> str:
    """As Excel and directories write it."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _is_ldif(text: str) -> bool:
    head = text[:4096].lstrip()
    return head.startswith(("dn:", "version:", "#")) and "\ndn:" in f"\n{head}"


def _of_ldif(text: str) -> Iterator[str]:
    """Values of the attributes that hold a person's addresses; folded lines are one."""
    for line in text.replace("\r\n", "\n").replace("\n ", "").split("\n"):
        name, _, value = line.partition(":")
        if name.partition(";")[0].lower() not in _MAIL:
            continue
        yield _decoded(value[1:]) if value.startswith(":") else value


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
