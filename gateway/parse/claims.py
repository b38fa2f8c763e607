"""What a MIME header claims of its body, in every plausible reading.

Where two mail programs would read the same header differently (evasions known from research on
MIME ambiguity), all readings are given, likeliest first, and a doubt says so. Each further way to
read is one small function here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from gateway.parse import parameters
from gateway.parse.fields import Field
from gateway.parse.transfer import DECODERS

_TYPES = frozenset(
    "application audio chemical font image message model multipart text video".split()  # noqa: SIM905
)


_READ = (b"content-type", b"content-transfer-encoding", b"content-disposition")

# Claims without these are the same in many mails, and read once: a third of the time of a parse.
_OF_ONE_MAIL = (b"name", b"boundary")
_SHORT = 100  # bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """doubts: fixed wording, one for each thing that mail programs read differently."""

    media: tuple[str, ...]
    encodings: tuple[str, ...] = ("7bit",)
    boundaries: tuple[bytes, ...] = ()
    charset: str = ""
    names: tuple[str, ...] = ()
    attached: bool = False
    doubts: tuple[str, ...] = ()


def read(fields: tuple[Field, ...], default: str) -> Claim:
    """The claim of a header; `default` is the media type where none is named."""
    fields = tuple(pair for pair in fields if pair[0].startswith(_READ))
    if not fields:
        return Claim((default,))
    written = b"".join(value for _, value in fields)
    if len(written) <= _SHORT and not any(word in written.lower() for word in _OF_ONE_MAIL):
        return _usual(fields, default)
    return _read(fields, default)


def _read(fields: tuple[Field, ...], default: str) -> Claim:
    doubts: list[str] = []
    types = _values(fields, b"content-type", doubts)
    split = [parameters.split(value) for value in types]
    encodings = _encodings(_values(fields, b"content-transfer-encoding", doubts), doubts)
    disposition = [
        parameters.split(value) for value in _values(fields, b"content-disposition", doubts)
    ]
    if len(types) > 1:
        doubts.append("two content types")
    media = tuple(dict.fromkeys(_media(head, default, doubts) for head, _ in split))
    shown = [p for _, found in split for p in found]
    filed = [p for _, found in disposition for p in found]
    charsets = parameters.every(shown, b"charset") if shown else []
    if len({c.lower() for c in charsets}) > 1:
        doubts.append("two character sets")
    return Claim(
        media or (default,),
        encodings,
        _boundaries(types, shown, filed, doubts),
        charsets[0].lower() if charsets else "",
        _names(shown, filed),
        any(head.lower().startswith(b"attachment") for head, _ in disposition),
        tuple(dict.fromkeys(doubts)),
    )


_usual = lru_cache(maxsize=256)(_read)


def _values(fields: tuple[Field, ...], wanted: bytes, doubts: list[str]) -> list[bytes]:
    """Distinct values of the fields of this name, also of those with a comment in the name."""
    found: list[bytes] = []
    for name, value in fields:
        if name.startswith(wanted):
            if name == wanted:
                found.append(value)
            elif name[len(wanted)] in b"( \t\0":
                doubts.append("a comment in the name of a field")
                found.append(value)
    return list(dict.fromkeys(found)) if len(found) > 1 else found


def _media(head: bytes, default: str, doubts: list[str]) -> str:
    text = head.decode("ascii", "replace").lower()
    if "(" in text:
        text = _without_comments(text)
    text = text.strip().strip("\"' ")
    if not text:
        return default
    kind, slash, _ = text.partition("/")
    if "multipart" in text and (kind != "multipart" or not slash):
        doubts.append("a content type like multipart")
        return "multipart/mixed"
    return text if slash and (kind in _TYPES or kind.startswith("x-")) else default


def _encodings(values: list[bytes], doubts: list[str]) -> tuple[str, ...]:
    if not values:
        return ("7bit",)
    found: list[str] = []
    for value in values:
        text = value.decode("ascii", "replace").lower().strip()
        if text in DECODERS:
            found.append(text)
        else:
            found += _odd_encoding(text, doubts)
    found = list(dict.fromkeys(found))
    if len({encoding for encoding in found if encoding not in _AS_IT_IS}) and len(values) > 1:
        doubts.append("two transfer encodings")
    return tuple(found)


_AS_IT_IS = ("7bit", "8bit", "binary")


# Slips of mail software that every mail program takes for no encoding.
_SLIPS = frozenset(
    {"", "7-bit", "7 bit", "7bits", "8-bit", "8 bit", "8bits", "plain", "none"}
    | {"ascii", "us-ascii", "utf-8"}
)


def _odd_encoding(text: str, doubts: list[str]) -> list[str]:
    """A value that is not exactly an encoding: try those that it resembles, and none."""
    bare = text.rstrip(";. ").strip("\"'")
    if bare in _SLIPS:
        return ["7bit"]
    if bare in DECODERS and bare == text.rstrip("; "):
        return [bare]
    doubts.append("unknown transfer encoding")
    joined = "".join(text.split())
    near = [name for name in ("base64", "quoted-printable") if name in joined]
    if "uu" in joined:
        near.append("x-uuencode")
    if "=?" in joined or "(" in joined or not near:
        near = ["base64", "quoted-printable", "x-uuencode"]
    return [*near, "7bit"]


def _boundaries(
    types: list[bytes],
    shown: list[parameters.Parameter],
    filed: list[parameters.Parameter],
    doubts: list[str],
) -> tuple[bytes, ...]:
    if not any(name.startswith(b"boundary") for name, _ in shown):
        if any(name.startswith(b"boundary") for name, _ in filed):
            doubts.append("a boundary in the wrong field")
            return tuple(text for name, text in filed if name == b"boundary" and text)
        return ()
    found = [text for name, text in shown if name == b"boundary"]
    found += [
        text.encode("utf-8", "replace")
        for text in parameters.every(
            [p for p in shown if p[0].startswith(b"boundary*")], b"boundary"
        )
    ]
    for value in types:
        found += _other_boundaries(value)
    distinct = tuple(dict.fromkeys(b for text in found if (b := text.rstrip(b" \t"))))
    if len(distinct) > 1:
        doubts.append("two boundaries")
    return distinct


def _other_boundaries(value: bytes) -> list[bytes]:
    """Comments and encoded words, which some programs understand in a boundary and some do not."""
    if b"(" not in value and b"=?" not in value:
        return []
    _, bare = parameters.split(_without_comments(value.decode("latin-1")).encode("latin-1"))
    found = [text for name, text in bare if name == b"boundary"]
    for text in tuple(found):
        if text.startswith(b"=?") and text.endswith(b"?="):
            found += [word.encode() for word in parameters.every([(b"b", text)], b"b")]
    return found


def _without_comments(text: str) -> str:
    """RFC 5322 comments removed, quoted strings left alone."""
    out: list[str] = []
    depth, quoted = 0, False
    for character in text:
        if character == '"' and not depth:
            quoted = not quoted
        if character == "(" and not quoted:
            depth += 1
        if not depth:
            out.append(character)
        if character == ")" and depth:
            depth -= 1
    return "".join(out)


def _names(shown: list[parameters.Parameter], filed: list[parameters.Parameter]) -> tuple[str, ...]:
    if not shown and not filed:
        return ()
    found = parameters.every(filed, b"filename") + parameters.every(shown, b"name")
    return tuple(dict.fromkeys(found))
