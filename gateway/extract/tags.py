"""Elements of XML and fields of JSON as they follow each other, for those who want a few of them.

No parser: no entity is expanded, nothing is fetched or nested, a file that is cut short or wrapped
in another gives what it has, and the cost is one pass. Prefixes of namespaces are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import NamedTuple

import re2

from gateway.extract import unbased

_LONGEST = 800  # bytes of a value, or of the attributes of an element
_ATTRIBUTE = re.compile(r"([\w.:-]{1,60})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')")
_B64 = re2.compile(r"representation\s*=\s*[\"']B64[\"'][^<>]*>\s*(?:<!\[CDATA\[)?")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\(.)")


class Tag(NamedTuple):
    """text: what stands right behind it, up to the next tag."""

    name: str
    attributes: dict[str, str]
    text: str


def tags(text: str, *names: str) -> Iterator[Tag]:
    """Opening tags of these names, in order."""
    data = text.encode("utf-8", "replace")
    for found in _tags(names).finditer(data):
        name, inside, after = (group.decode("utf-8", "replace") for group in found.groups())
        attributes = {
            key.rpartition(":")[2]: unescape(double or single)
            for key, double, single in _ATTRIBUTE.findall(inside)
        }
        yield Tag(name, attributes, unescape(after).strip())


@lru_cache(maxsize=32)
def _tags(names: tuple[str, ...]) -> re2.Pattern:
    return re2.compile(
        rf"<(?:[\w.-]{{1,40}}:)?({'|'.join(names)})((?:\s[^<>]{{0,{_LONGEST}}})?)>"
        rf"([^<]{{0,{_LONGEST}}})".encode()
    )


def fields(text: str, *names: str) -> Iterator[tuple[str, str]]:
    """Strings of JSON under these names, or the first of a list of them, in order."""
    data = text.encode("utf-8", "replace")
    for found in _fields(names).finditer(data):
        name, value = (group.decode("utf-8", "replace") for group in found.groups())
        yield name, _ESCAPE.sub(_character, value) if "\\" in value else value


@lru_cache(maxsize=32)
def _fields(names: tuple[str, ...]) -> re2.Pattern:
    return re2.compile(
        rf'"({"|".join(names)})"\s*:\s*\[?\s*"((?:[^"\\]|\\.){{0,{_LONGEST}}})"'.encode()
    )


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else escape[2]


def without_files(text: str) -> tuple[str, list[bytes]]:
    """The text without the files that HL7 wraps in base64, and these."""
    return unbased.apart(text, _wrapped(text)) if "B64" in text else (text, [])


def _wrapped(text: str) -> Iterator[tuple[int, int]]:
    """From behind a tag that says so to the next one."""
    at = 0
    for found in _B64.finditer(text):
        if found.start() >= at:
            end = text.find("<", found.end())
            at = end if end >= 0 else len(text)
            yield found.end(), at
