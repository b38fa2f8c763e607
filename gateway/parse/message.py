"""A message in bytes to its parts: RFC 5322, RFC 2045 to 2049, as mail programs read them.

Our own rather than the standard library's: it has to see what mail programs see, also in messages
that two of them read differently. Such a message is read in each way, and bears a Problem. Never
raises; the cost is linear in the size of the message. Parts are numbered as in IMAP (RFC 9051,
6.4.5). What a part is by its content, `extract` finds out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from gateway.model import (
    DEFAULT_LIMITS,
    Limits,
    Medium,
    Part,
    Place,
    Problem,
    Text,
    Trouble,
)
from gateway.parse import claims, fields, multipart, transfer, words
from gateway.parse.charsets import decode
from gateway.parse.claims import Claim

LEVELS = 4  # of multipart within one message, for each container that limits allow
READINGS = 64  # times the size of the message that all readings together may examine

_MESSAGES = ("message/rfc822", "message/global", "message/news")
_SPLIT_MAIL = {
    "message/partial": "a piece of a message split over several mails",
    "message/external-body": "a reference to content kept elsewhere",
}
_SHOWN_ALONE = {  # fields a mail program shows, each a text of its own; the others are one text
    b"subject": "header Subject",
    b"from": "header From",
    b"to": "header To",
    b"cc": "header Cc",
    b"bcc": "header Bcc",
    b"reply-to": "header Reply-To",
    b"sender": "header Sender",
}
_header_place = lru_cache(maxsize=256)(Place)  # the same few in each mail
_READ_ELSEWHERE = frozenset(  # names come out as names, the rest of these is no text
    (b"content-type", b"content-transfer-encoding", b"content-disposition", b"mime-version")
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """texts: decoded header fields (HEADER) and file names (NAME)."""

    parts: tuple[Part, ...]
    texts: tuple[Text, ...]
    problems: tuple[Problem, ...]


def parse(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Parsed:
    """Every part of a message, in every plausible reading."""
    walk = _Walk(limits, examine=READINGS * len(content))
    walk.entity(_Entity(content, 0, len(content), "", is_message=True))
    if walk.bare_cr:
        walk.doubt("", "bare CR in a header")
        other = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        walk.entity(_Entity(other, 0, len(other), "", is_message=True))
    if not walk.problems:
        return Parsed(tuple(walk.parts), tuple(walk.texts), ())
    texts, problems = dict.fromkeys(walk.texts), dict.fromkeys(walk.problems)
    return Parsed(tuple(walk.parts), tuple(texts), tuple(problems))


@dataclass(frozen=True, slots=True)
class _Entity:
    """A header and its body, data[start:end]. path: of the part it is ("" for the message)."""

    data: bytes
    start: int
    end: int
    path: str
    is_message: bool
    default: str = "text/plain"
    level: int = 0


@dataclass(slots=True)
class _Walk:
    """One pass over a message, collecting. examine: bytes that may still be looked at."""

    limits: Limits
    examine: int
    entities: int = 0
    decoded: int = 0
    bare_cr: bool = False
    parts: list[Part] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def entity(self, entity: _Entity) -> None:
        self.entities += 1
        self.examine -= entity.end - entity.start
        if self.entities > self.limits.parts or self.examine < 0:
            self.trouble(Trouble.TOO_MANY, entity.path, "too many parts")
            return
        if entity.level > self.limits.depth * LEVELS:
            self.trouble(Trouble.TOO_DEEP, entity.path, "too many levels of parts")
            return
        header = fields.read(entity.data, entity.start, entity.end)
        claim = claims.read(header.fields, entity.default)
        self.bare_cr = self.bare_cr or header.bare_cr
        if header.cut:
            self.trouble(Trouble.TOO_BIG, entity.path, "a header field was cut")
        for doubt in header.doubts + claim.doubts:
            self.doubt(entity.path, doubt)
        self._say(header.fields, entity)
        for media in claim.media:
            if media.startswith("multipart/"):
                self._multipart(entity, header.body, claim, media)
            elif media in _MESSAGES:
                self._message(entity, header.body, claim, media)
            else:
                self._leaf(entity, header.body, claim, media)

    def trouble(self, kind: Trouble, path: str, detail: str) -> None:
        self.problems.append(Problem(kind, Place(path), detail))

    def doubt(self, path: str, detail: str) -> None:
        self.trouble(Trouble.AMBIGUOUS, path, detail)

    def _say(self, found: tuple[fields.Field, ...], entity: _Entity) -> None:
        """The header fields as texts."""
        others: list[bytes] = []
        for name, value in found:
            shown = _SHOWN_ALONE.get(name)
            if shown:
                place = _header_place(entity.path, shown)
                self.texts.append(Text(place, words.text(value), Medium.HEADER))
            elif value and name not in _READ_ELSEWHERE:
                others.append(b"%s: %s" % (name, value) if name else value)
        if others:
            place = _header_place(entity.path, "header fields")
            self.texts.append(Text(place, words.text(b"\n".join(others)), Medium.HEADER))

    def _multipart(self, entity: _Entity, body: int, claim: Claim, media: str) -> None:
        data, end = entity.data, entity.end
        splits = [
            found
            for boundary in claim.boundaries
            if (found := multipart.split(data, body, end, boundary, self.limits.parts)).parts
        ]
        if not splits and (boundary := multipart.guess(data, body, end)):
            self.doubt(entity.path, "a multipart with another boundary than it says")
            splits = [multipart.split(data, body, end, boundary, self.limits.parts)]
        if not splits or any(e in ("base64", "quoted-printable") for e in claim.encodings):
            self._encoded_multipart(entity, body, claim, media, bool(splits))
        default = "message/rfc822" if media == "multipart/digest" else "text/plain"
        prefix = f"{entity.path}." if entity.path else ""
        for found in splits:
            self._around(data, found.preamble, entity.path, "preamble")
            for number, (start, stop) in enumerate(found.parts, 1):
                path = f"{prefix}{number}"
                level = entity.level + 1
                self.entity(_Entity(data, start, stop, path, False, default, level))
            self._around(data, found.epilogue, entity.path, "epilogue")

    def _encoded_multipart(
        self, entity: _Entity, body: int, claim: Claim, media: str, split: bool
    ) -> None:
        """Nothing to split: perhaps the body is encoded as a whole, which RFC 2045 forbids."""
        for decoded in self._decoded(entity, body, claim, quiet=split):
            if any(b"--" + boundary in decoded for boundary in claim.boundaries):
                if not split or decoded != entity.data[body : entity.end]:
                    self.doubt(entity.path, "an encoded multipart")
                plain = Claim((media,), boundaries=claim.boundaries)
                inner = _Entity(decoded, 0, len(decoded), entity.path, False, level=entity.level)
                if inner.data != entity.data[body : entity.end]:
                    self._multipart(inner, 0, plain, media)
            elif not split:
                self._emit(entity, claim, "text/plain", decoded)

    def _around(self, data: bytes, span: multipart.Span, path: str, inside: str) -> None:
        """Preamble and epilogue: mail programs hide them, or not."""
        text = data[span[0] : span[1]].strip()
        if text:
            self.texts.append(Text(Place(path, inside), decode(text), Medium.DOCUMENT))

    def _message(self, entity: _Entity, body: int, claim: Claim, media: str) -> None:
        path = _leaf_path(entity)
        for data in self._decoded(entity, body, claim):
            if fields.looks_like(data):
                level = entity.level + LEVELS
                self.entity(_Entity(data, 0, len(data), path, True, level=level))
            else:
                self._emit(entity, claim, media, data)

    def _leaf(self, entity: _Entity, body: int, claim: Claim, media: str) -> None:
        if media in _SPLIT_MAIL:
            self.trouble(Trouble.UNSUPPORTED, _leaf_path(entity), _SPLIT_MAIL[media])
        for data in self._decoded(entity, body, claim):
            self._emit(entity, claim, media, data)

    def _decoded(
        self, entity: _Entity, body: int, claim: Claim, *, quiet: bool = False
    ) -> Iterator[bytes]:
        """The body in each reading of its transfer encoding."""
        raw = entity.data[body : entity.end]
        seen: set[bytes] = set()
        for encoding in claim.encodings:
            readings, odd = transfer.DECODERS[encoding](raw)
            if odd and not quiet:
                self.doubt(_leaf_path(entity), odd)
            for data in readings:
                if data in seen:
                    continue
                seen.add(data)
                self.decoded += len(data)
                if self.decoded > self.limits.bytes:
                    self.trouble(Trouble.TOO_BIG, _leaf_path(entity), "too many bytes in all")
                    return
                yield data

    def _emit(self, entity: _Entity, claim: Claim, media: str, data: bytes) -> None:
        path = _leaf_path(entity)
        for name in claim.names:
            self.texts.append(Text(Place(path), name, Medium.NAME))
        body = media in ("text/plain", "text/html") and not claim.attached and not claim.names
        self.parts.append(Part(path, data, media, claim.names, claim.charset, body))
        if media.startswith("text/") and b"begin " in data:
            self._uuencoded(path, data)

    def _uuencoded(self, path: str, data: bytes) -> None:
        """Files that some mail programs find in a text and show as attachments."""
        for name, content in transfer.uuencoded(data):
            self.entities += 1
            if self.entities > self.limits.parts:
                self.trouble(Trouble.TOO_MANY, path, "too many parts")
                return
            names = (decode(name),)
            inner = f"{path}!{names[0]}"
            self.texts.append(Text(Place(inner), names[0], Medium.NAME))
            self.parts.append(Part(inner, content, names=names))


def _leaf_path(entity: _Entity) -> str:
    """A message that is no multipart has one part, number 1."""
    if not entity.is_message:
        return entity.path
    return f"{entity.path}.1" if entity.path else "1"
