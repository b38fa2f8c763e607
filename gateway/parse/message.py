"""A message in bytes to its parts: RFC 5322, RFC 2045 to 2049, as mail programs read them.

Our own rather than the standard library's: it has to see what mail programs see, also in messages
that two of them read differently. Such a message is read in each way, and bears a Problem. What
lies in a text that no header announces is read as well, without one. Never raises; the cost is
linear in the size of the message. Parts are numbered as in IMAP (RFC 9051, 6.4.5). What a part is
by its content, `extract` finds out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar

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
from gateway.parse import buried, claims, fields, multipart, readings, transfer, words
from gateway.parse.charsets import decode
from gateway.parse.claims import Claim

_T = TypeVar("_T")

LEVELS = 4  # of multipart within one message, for each container that limits allow
READINGS = 32  # times the size of the message that all readings together may look at
DEAR = 4  # looks, which are what it costs to try everything on some bytes
SPARE = 64 * 1024  # bytes that they may look at besides, since small messages cost nothing

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
_DIGITS = b"0123456789"
_MANY_DIGITS = 13  # in a MIME field: more than any that only describes a part
_READ_ELSEWHERE = frozenset(  # names come out as names, the rest of these is no text
    (b"content-type", b"content-transfer-encoding", b"content-disposition", b"mime-version")
)
_FEW = 150  # at most one NUL in as many bytes is a slip in a text; `extract.kind` wants fewer


@dataclass(frozen=True, slots=True)
class Parsed:
    """texts: decoded header fields (HEADER) and file names (NAME)."""

    parts: tuple[Part, ...]
    texts: tuple[Text, ...]
    problems: tuple[Problem, ...]


def parse(
    content: bytes, limits: Limits = DEFAULT_LIMITS, *, readings: int = READINGS, spare: int = SPARE
) -> Parsed:
    """Every part of a message, in every plausible reading.

    readings: times the size of the message that all of them may look at; spare: bytes besides.
    """
    walk = _Walk(limits, examine=readings * len(content) + spare)
    walk.entity(_Entity(content, 0, len(content), "", is_message=True))
    if not walk.again:
        return Parsed(tuple(walk.parts), tuple(walk.texts), tuple(walk.problems))
    return Parsed(_distinct(walk.parts), _distinct(walk.texts), _distinct(walk.problems))


def _distinct(several: list[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(several))


@dataclass(frozen=True, slots=True)
class _Entity:
    """A header and its body, data[start:end]. path: of the part it is ("" for the message).

    written: rewritten already as some mail programs read it.
    quoted: found in a text, where no mail program looks; what is doubtful in it is not told.
    """

    data: bytes
    start: int
    end: int
    path: str
    is_message: bool
    default: str = "text/plain"
    level: int = 0
    written: bool = False
    quoted: bool = False


@dataclass(slots=True)
class _Walk:
    """One pass over a message, collecting.

    examine: bytes that may still be looked at. again: things may have been read more than once.
    """

    limits: Limits
    examine: int
    entities: int = 0
    decoded: int = 0
    again: bool = False
    parts: list[Part] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def entity(self, entity: _Entity) -> None:
        self.entities += 1
        if self.entities > self.limits.parts:
            self.trouble(Trouble.TOO_MANY, entity.path, "too many parts")
            return
        if entity.level > self.limits.depth * LEVELS:
            self.trouble(Trouble.TOO_DEEP, entity.path, "too many levels of parts")
            return
        if not self._may_look_at(entity.end - entity.start, entity.path):
            return
        header = fields.read(entity.data, entity.start, entity.end)
        claim = claims.read(header.fields, entity.default)
        if header.cut:
            self.trouble(Trouble.TOO_BIG, entity.path, "a header field was cut")
        if claim.cut:
            self.trouble(Trouble.TOO_MANY, entity.path, "too many claims about one part")
        doubts = header.doubts + claim.doubts
        for doubt in doubts:
            self.doubt(entity, doubt)
        if doubts:
            claim = _in_doubt(claim)
        self._say(header, entity)
        self._body(entity, header.body, claim)
        if header.doubts and not entity.written:
            self._other_readings(entity)

    def _body(self, entity: _Entity, body: int, claim: Claim) -> None:
        for media in claim.media:
            if media.startswith("multipart/"):
                self._multipart(entity, body, claim, media)
            elif media in _MESSAGES:
                self._message(entity, body, claim, media)
            else:
                self._leaf(entity, body, claim, media)

    def _other_readings(self, entity: _Entity) -> None:
        self.again = True
        if not self._may_look_at(DEAR * (entity.end - entity.start), entity.path):
            return
        for data in readings.others(entity.data[entity.start : entity.end]):
            self.entity(replace(entity, data=data, start=0, end=len(data), written=True))

    def _may_look_at(self, size: int, path: str) -> bool:
        self.examine -= size
        if self.examine < 0:
            self.trouble(Trouble.TOO_MANY, path, "too many readings")
        return self.examine >= 0

    def _may_keep(self, size: int, path: str) -> bool:
        self.decoded += size
        if self.decoded > self.limits.bytes:
            self.trouble(Trouble.TOO_BIG, path, "too many bytes in all")
        return self.decoded <= self.limits.bytes

    def trouble(self, kind: Trouble, path: str, detail: str) -> None:
        self.problems.append(Problem(kind, Place(path), detail))

    def doubt(self, entity: _Entity, detail: str) -> None:
        self.again = True
        if not entity.quoted:
            self.trouble(Trouble.AMBIGUOUS, entity.path, detail)

    def _say(self, header: fields.Header, entity: _Entity) -> None:
        """The header fields as texts."""
        others: list[bytes] = []
        for name, value in header.fields:
            shown = _SHOWN_ALONE.get(name)
            if shown:
                place = _header_place(entity.path, shown)
                self.texts.append(Text(place, words.text(value), Medium.HEADER))
            elif value and (
                name not in _READ_ELSEWHERE
                or len(value) - len(value.translate(None, _DIGITS)) >= _MANY_DIGITS
            ):
                others.append(b"%s: %s" % (name, value) if name else value)
        if others:
            place = _header_place(entity.path, "header fields")
            self.texts.append(Text(place, words.text(b"\n".join(others)), Medium.HEADER))
        if header.stray and not entity.quoted:  # perhaps the body
            data = entity.data[entity.start : header.body]
            self._buried(entity, f"{entity.path or '0'}!header", data, parts=False)
        self._coded(header, entity)

    def _coded(self, header: fields.Header, entity: _Entity) -> None:
        """Base64 in fields other than those of MIME, which are in one piece of letters."""
        if not buried.runs(entity.data[entity.start : header.body]):
            return
        values = (v for name, v in header.fields if b"?=" not in v and name not in _READ_ELSEWHERE)
        place = _header_place(entity.path, "header fields")
        for data, is_text in buried.base64(b"\n\n".join(values)):
            if is_text:
                self.texts.append(Text(place, decode(data), Medium.HEADER))

    def _multipart(self, entity: _Entity, body: int, claim: Claim, media: str) -> None:
        splits = self._splits(entity, body, claim)
        if not splits and not multipart.empty(entity.data[body : entity.end], claim.boundaries):
            self.doubt(entity, "a multipart without parts")  # a text, an attachment or nothing
            claim = _in_doubt(claim)
        if not splits or any(e not in claims.AS_IT_IS for e in claim.encodings):
            self._encoded_multipart(entity, body, claim, media, bool(splits))
        default = "message/rfc822" if media == "multipart/digest" else "text/plain"
        prefix = f"{entity.path}." if entity.path else ""
        for found in splits:
            self._around(entity, entity.data[slice(*found.preamble)], "preamble")
            for number, (start, stop) in enumerate(found.parts, 1):
                path, level = f"{prefix}{number}", entity.level + 1
                inner = _Entity(entity.data, start, stop, path, False, default, level)
                self.entity(replace(inner, quoted=True) if entity.quoted else inner)
            self._around(entity, entity.data[slice(*found.epilogue)], "epilogue")

    def _splits(self, entity: _Entity, body: int, claim: Claim) -> list[multipart.Split]:
        """The body cut at each boundary that cuts it; else at one that stands there unannounced."""
        data, end = entity.data, entity.end
        splits: list[multipart.Split] = []
        for boundary in claim.boundaries:
            if splits and not self._may_look_at(end - body, entity.path):
                break
            found = multipart.split(data, body, end, boundary, self.limits.parts)
            splits += [found] if found.parts else []
        if not splits and (guessed := multipart.guess(data, body, end)) is not None:
            self.doubt(entity, "a multipart with another boundary than it says")
            splits = [multipart.split(data, body, end, guessed, self.limits.parts)]
        return splits

    def _encoded_multipart(
        self, entity: _Entity, body: int, claim: Claim, media: str, split: bool
    ) -> None:
        """Perhaps the body is encoded as a whole, which RFC 2045 forbids; or there is nothing to
        split."""
        raw = entity.data[body : entity.end]
        plain = Claim((media,), boundaries=claim.boundaries)
        usual = split and not claim.doubts and set(claim.encodings) <= {"quoted-printable"}
        for decoded in self._decoded(entity, body, claim, quiet=split):
            inner = replace(entity, data=decoded, start=0, end=len(decoded))
            if usual:  # scripts say so and mean the parts; but somebody may take them at their word
                self._around(entity, decoded, "decoded", told=False)
            elif decoded != raw and self._splits(inner, 0, claim):
                self.doubt(entity, "an encoded multipart")
                self._multipart(inner, 0, plain, media)
            elif not split:
                self._emit(entity, claim, "text/plain", decoded)

    def _around(self, entity: _Entity, data: bytes, inside: str, *, told: bool = True) -> None:
        """Preamble and epilogue: mail programs hide them, or not, or find parts in them."""
        text = data.strip()
        if text:
            place = Place(entity.path, inside)
            self.texts.append(Text(place, decode(text), Medium.DOCUMENT))
            if buried.likely(text):
                if told and buried.entities(text):
                    self.doubt(entity, "a part outside of the parts")
                self._buried(entity, f"{entity.path or '0'}!{inside}", text)

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
        if claim.boundaries and self._splits_anyway(entity, body, claim):
            return
        for data in self._decoded(entity, body, claim):
            self._emit(entity, claim, media, data)

    def _splits_anyway(self, entity: _Entity, body: int, claim: Claim) -> bool:
        """A part that is said to be one piece, and has a boundary which cuts it."""
        plain = replace(claim, encodings=("7bit",))
        if "multipart/mixed" in claim.media or not self._splits(entity, body, plain):
            return False
        self.doubt(entity, "a boundary in what is no multipart")
        self._body(entity, body, replace(claim, media=(*claim.media, "multipart/mixed")))
        return True

    def _decoded(
        self, entity: _Entity, body: int, claim: Claim, *, quiet: bool = False
    ) -> Iterator[bytes]:
        """The body in each reading of its transfer encoding."""
        raw = entity.data[body : entity.end]
        seen: set[bytes] = set()
        for encoding in claim.encodings:
            if encoding == transfer.ANY and not self._may_look_at(DEAR * len(raw), entity.path):
                return
            decoded, odd = transfer.DECODERS[encoding](raw)
            if odd and not quiet:
                self.doubt(entity, odd)
            for data in decoded:
                if data in seen:
                    continue
                if seen and not self._may_look_at(len(data), entity.path):
                    return
                seen.add(data)
                if not self._may_keep(len(data), _leaf_path(entity)):
                    return
                yield data

    def _emit(self, entity: _Entity, claim: Claim, media: str, data: bytes) -> None:
        path = _leaf_path(entity)
        if entity.quoted and not data.strip():
            return
        for name in claim.names:
            self.texts.append(Text(Place(path), name, Medium.NAME))
        body = media in ("text/plain", "text/html") and not claim.attached and not claim.names
        for charset in claim.charsets:
            self.parts.append(Part(path, data, media, claim.names, charset, body))
        if not entity.quoted and _of_letters(data) and buried.likely(data):
            self._buried(entity, path, data)

    def _buried(self, entity: _Entity, path: str, data: bytes, *, parts: bool = True) -> None:
        """What some mail programs, or a person, find in a text. parts: look for MIME parts, too."""
        for name, content in buried.files(data):
            names = (decode(name),) if name else ()
            inner = f"{path}!{names[0] if names else 'encoded'}"
            self.texts += [Text(Place(inner), name, Medium.NAME) for name in names]
            if not self._unearth(Part(inner, content, names=names)):
                return
        for content, is_text in buried.base64(data):
            declared = "text/plain" if is_text else ""
            if not self._unearth(Part(f"{path}!base64", content, declared)):
                return
        for start, end in buried.entities(data) if parts else ():
            level = entity.level + 1
            self.entity(_Entity(data, start, end, f"{path}!part", False, level=level, quoted=True))

    def _unearth(self, part: Part) -> bool:
        """Whether there may be more."""
        self.again = True
        self.entities += 1
        if self.entities > self.limits.parts:
            self.trouble(Trouble.TOO_MANY, part.path, "too many parts")
            return False
        size = len(part.data)
        if not self._may_look_at(size, part.path) or not self._may_keep(size, part.path):
            return False
        self.parts.append(part)
        return True


def _of_letters(data: bytes) -> bool:
    """Whether it may be taken for a text, in CRLF as in LF."""
    return data.count(0) * _FEW <= len(data) - data.count(b"\r")


def _in_doubt(claim: Claim) -> Claim:
    """Whatever its encoding is said to be, every one that makes sense is tried."""
    if transfer.ANY in claim.encodings:
        return claim
    return replace(claim, encodings=(*claim.encodings, transfer.ANY))


def _leaf_path(entity: _Entity) -> str:
    """A message that is no multipart has one part, number 1."""
    if not entity.is_message:
        return entity.path
    return f"{entity.path}.1" if entity.path else "1"
