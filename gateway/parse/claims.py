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
from gateway.parse.transfer import ANY, DECODERS

_TYPES = frozenset(
    "application audio chemical font image message model multipart text video".split()  # noqa: SIM905
)


_READ = frozenset((b"content-type", b"content-transfer-encoding", b"content-disposition"))

# Claims without these are the same in many mails, and read once: a third of the time of a parse.
_OF_ONE_MAIL = (b"name", b"boundary")
_SHORT = 100  # bytes

_RIGHT_TO_LEFT = "\u202e"  # what follows is shown from its end

MOST = 8  # readings of one kind; more are nothing that a mail program would try
MOST_NAMES = 64  # of one part


@dataclass(frozen=True, slots=True)
class Claim:
    """doubts: fixed wording, one for each thing that mail programs read differently.

    charsets: beyond the first one, those that some programs may take instead.
    cut: more readings were possible than are given.
    """

    media: tuple[str, ...]
    encodings: tuple[str, ...] = ("7bit",)
    boundaries: tuple[bytes, ...] = ()
    charsets: tuple[str, ...] = ("",)
    names: tuple[str, ...] = ()
    attached: bool = False
    doubts: tuple[str, ...] = ()
    cut: bool = False


def read(fields: tuple[Field, ...], default: str) -> Claim:
    """The claim of a header; `default` is the media type where none is named."""
    fields = tuple(pair for pair in fields if pair[0] in _READ)
    if not fields:
        return Claim((default,))
    written = b"".join(value for _, value in fields)
    if len(written) <= _SHORT and not any(word in written.lower() for word in _OF_ONE_MAIL):
        return _usual(fields, default)
    return _read(fields, default)


def _read(fields: tuple[Field, ...], default: str) -> Claim:
    doubts: list[str] = []
    types = _values(fields, b"content-type")
    split = [parameters.split(value) for value in types[:MOST]]
    coding = _values(fields, b"content-transfer-encoding")
    filing = _values(fields, b"content-disposition")
    disposition = [parameters.split(value) for value in filing[:MOST]]
    if len({_alike(head, found) for head, found in split}) > 1:
        doubts.append("two content types")
    media = tuple(dict.fromkeys(m for head, _ in split for m in _media(head, default, doubts)))
    shown = [p for _, found in split for p in found]
    filed = [p for _, found in disposition for p in found]
    charsets = parameters.every(shown, b"charset") if shown else []
    charsets = list(dict.fromkeys(c.lower() for c in charsets))
    if len(charsets) > 1:
        doubts.append("two character sets")
    boundaries = _boundaries(types[:MOST], shown, filed, doubts)
    names = _names(shown, filed)
    return Claim(
        media[:MOST] or (default,),
        _encodings(coding[:MOST], doubts),
        boundaries[:MOST],
        tuple(charsets[:MOST]) or ("",),
        names[:MOST_NAMES],
        any(head.lower().startswith(b"attachment") for head, _ in disposition),
        tuple(dict.fromkeys(doubts)),
        max(map(len, (types, coding, filing, boundaries, charsets))) > MOST
        or len(names) > MOST_NAMES,
    )


_usual = lru_cache(maxsize=256)(_read)


def _values(fields: tuple[Field, ...], wanted: bytes) -> list[bytes]:
    """Distinct values of the fields of this name."""
    found = [value for name, value in fields if name == wanted]
    return list(dict.fromkeys(found)) if len(found) > 1 else found


def _alike(head: bytes, found: list[parameters.Parameter]) -> tuple[bytes, ...]:
    """The same for fields that say the same: scripts and their library both write one."""
    return (head.lower(), *sorted(name + b"=" + text.lower() for name, text in found))


def _media(head: bytes, default: str, doubts: list[str]) -> tuple[str, ...]:
    text = head.decode("ascii", "replace").lower()
    if "(" in text:
        text = _without_comments(text)
    text = text.strip().strip("\"' ")
    if not text:
        return (default,)
    kind, slash, subtype = text.partition("/")
    known = bool(slash) and (kind in _TYPES or kind.startswith("x-"))
    plainly = kind == "multipart" and slash and subtype.isprintable() and "," not in text
    if "multipart" in text and not plainly:
        doubts.append("a content type like multipart")
        first = text.partition(",")[0].strip()
        leaf = (first,) if known and kind != "multipart" else ()
        return (*leaf, "multipart/mixed")
    return (text if known else default,)


def _encodings(values: list[bytes], doubts: list[str]) -> tuple[str, ...]:
    if not values:
        return ("7bit",)
    found: list[str] = []
    for value in values:
        text = value.decode("ascii", "replace").lower().strip()
        if text in DECODERS and text != ANY:
            found.append(text)
        else:
            found += _odd_encoding(text, doubts)
    found = list(dict.fromkeys(found))
    if len(found) > 1 and not set(found) <= set(AS_IT_IS):
        doubts.append("two transfer encodings")
    return tuple(found)


AS_IT_IS = ("7bit", "8bit", "binary")


# Slips of mail software that every mail program takes for no encoding.
_SLIPS = frozenset(
    {"7-bit", "7 bit", "7bits", "8-bit", "8 bit", "8bits", "plain", "none"}
    | {"ascii", "us-ascii", "utf-8"}
)


def _odd_encoding(text: str, doubts: list[str]) -> list[str]:
    """A value that is not exactly an encoding. In doubt, every one that fits the body is tried."""
    bare = text.rstrip(";. ").strip("\"'")
    if bare in _SLIPS:
        return ["7bit"]
    if bare in DECODERS and bare != ANY and bare == text.rstrip("; "):
        return [bare]
    doubts.append("unknown transfer encoding")
    return ["7bit"]


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
    if not distinct:
        doubts.append("a boundary of nothing")
    if len(distinct) > 1:
        doubts.append("two boundaries")
    return distinct


def _other_boundaries(value: bytes) -> list[bytes]:
    """Comments, encoded words and backslashes, which some programs understand in a boundary and
    some do not."""
    if not any(sign in value for sign in (b"(", b"=?", b"\\")):
        return []
    bare = _without_comments(value.decode("latin-1")).encode("latin-1")
    literal = value.replace(b"\\", b"\\\\")
    read = (*parameters.split(bare)[1], *parameters.split(literal)[1])
    found = [text for name, text in read if name == b"boundary"]
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
    found += [name[::-1] for name in found if _RIGHT_TO_LEFT in name]
    return tuple(dict.fromkeys(found))
