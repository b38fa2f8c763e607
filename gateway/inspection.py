"""Inspection: a message to what is found in it. Parse, extract, detect; synchronous and pure.

`simple` is the door's own path, for plain texts only; `read` is the sandbox worker's, for
everything. Both give a Reading with values in clear, which `conclude` turns into an Inspection
without them. Nothing in this chain can send what it sees anywhere.

Every part ends whole, partly or unread; one that is not whole always has a Problem. Parts are
numbered in the order in which they are opened, so that a reader that dies can be told which of them
to leave closed the next time.
"""

from __future__ import annotations

import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from time import monotonic
from types import MappingProxyType

from gateway.detect import same_person, search
from gateway.extract import html, kind, ocr, passwords, text
from gateway.extract.extractor import Extracted as Piece
from gateway.extract.extractor import extractors
from gateway.model import (
    Coverage,
    Finding,
    Hit,
    Inspection,
    Likelihood,
    Limits,
    Medium,
    Part,
    PartRead,
    Place,
    Problem,
    Reading,
    Table,
    Text,
    Trouble,
)
from gateway.parse.message import Parsed, parse

# What a door reads itself: nothing that could keep it busy, and nothing that needs a library.
SIMPLE_TEXT = 256 * 1024  # bytes of decoded text in all
SIMPLE_CONTENT = 2 * SIMPLE_TEXT  # bytes of the whole message: base64 and headers included
SIMPLE_READINGS = 4  # times the size of the message that all ways to read it may look at…
SIMPLE_SPARE = 8 * 1024  # …and bytes besides; a message may be made to be read in thousands
SIMPLE_HTML = 64 * 1024  # bytes of one HTML part
SIMPLE_DEPTH = 200  # elements within elements

NO_PART = -1  # the number of what is opened or searched outside every part
MOST_BROKEN = 3  # parts that may break a reader, before all that follows them stays closed, too

_FINGERPRINT = 16  # hex digits: 64 bits, so that a chance collision needs billions of values

_NOTHING_BROKEN: Mapping[int, Trouble] = MappingProxyType({})
# Problems that do not mean unread bytes.
_READ_WHOLE = (Trouble.AMBIGUOUS, Trouble.DETECTOR, Trouble.OPENED)


@dataclass(frozen=True, slots=True)
class Extracted:
    """One part as `vaguemestre extract` shows it: content in clear, for tests and officers."""

    place: Place
    kind: str
    name: str
    coverage: Coverage
    text: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One part after reading. The message's own header is one, of kind "message"."""

    place: Place
    kind: str
    name: str
    coverage: Coverage
    pieces: tuple[Text | Table, ...]
    problems: tuple[Problem, ...]


def simple(content: bytes, limits: Limits) -> Reading | None:
    """Read in the door, if nothing but short plain text and HTML is in it; else None."""
    if len(content) > SIMPLE_CONTENT:
        return None
    parsed = parse(content, limits, readings=SIMPLE_READINGS, spare=SIMPLE_SPARE)
    if any(problem.kind is Trouble.TOO_MANY for problem in parsed.problems):
        return None
    if len(parsed.parts) > limits.parts:  # counted behind the wall, and told
        return None
    if sum(len(part.data) for part in parsed.parts) > SIMPLE_TEXT:
        return None
    seen = [_header(parsed, "")]
    for part in parsed.parts:
        one = _simple(part, limits)
        if one is None:
            return None
        seen.append(one)
    return _reading(seen, limits)


def _simple(part: Part, limits: Limits) -> Seen | None:
    """A part that is text by its label and by its bytes, read; None for any other."""
    found = kind.of_text(part) if part.declared in ("text/plain", "text/html") else ""
    if found == "html" and len(part.data) <= SIMPLE_HTML:
        pages = html.pages(part)
        if all(page.depth <= SIMPLE_DEPTH for page in pages):
            return _one(part, found, html.texts(part, pages))
    elif found in ("text", "empty"):
        return _one(part, found, text.extract(part, limits) if part.data.strip() else ())
    return None


def read(
    content: bytes,
    limits: Limits,
    broken: Mapping[int, Trouble] = _NOTHING_BROKEN,
    at: Callable[[int], None] = lambda _: None,
) -> Reading:
    """Read everything, parts within parts. Never raises for what the message holds.

    broken: parts that no reader came back from, by number, and how it ended: they stay closed.
    at: told the number of the innermost part that is open, whenever it changes.
    """
    return _reading(list(Walk(limits, broken, at).message(content, "", 0)), limits)


def read_file(name: str, data: bytes, limits: Limits) -> Reading:
    """The same for a file on disk: a mail if it looks like one, else a part of its own."""
    return _reading(list(_file(name, data, limits)), limits)


def extracts(name: str, data: bytes, limits: Limits) -> Iterator[Extracted]:
    """What was read in a mail or a file, part by part."""
    for seen in _file(name, data, limits):
        shown = "\n".join(_shown(piece) for piece in seen.pieces)
        yield Extracted(seen.place, seen.kind, seen.name, seen.coverage, shown, seen.problems)


def warm() -> None:
    """Load all that extractors and detectors need, before a worker may no longer open files."""
    extractors()
    kind.magic()
    ocr.engine()
    search.warm()


def conclude(reading: Reading, key: bytes, allowed: Set[str] = frozenset()) -> Inspection:
    """Mask the values, fingerprint them with the key, forget them.

    allowed: fingerprints of values that are nobody's secret: our own accounts, test numbers.
    """
    if not reading.hits and not reading.more:
        return Inspection((), reading.problems, reading.parts)
    groups: dict[tuple[str, Place, Likelihood, tuple[str, ...]], list[str]] = defaultdict(list)
    for hit in reading.hits:
        groups[hit.kind, hit.place, hit.likelihood, hit.near].append(hit.value)
    more = dict(reading.more)
    findings = []
    for (what, place, likelihood, near), found in groups.items():
        prints = {fingerprint(key, what, value): value for value in found}
        kept = tuple(one for one in prints if one not in allowed)
        if not kept:
            continue
        count = len(kept) + more.pop(what, 0)  # those not carried count where the first is
        sample = search.masked(what, prints[kept[0]])
        findings.append(Finding(what, count, likelihood, place, sample, kept, near))
    findings += [
        Finding(what, count, Likelihood.POSSIBLE, Place(""), "") for what, count in more.items()
    ]
    return Inspection(tuple(findings), reading.problems, reading.parts)


def fingerprint(key: bytes, what: str, value: str) -> str:
    """Of a value of this kind: tells whether two are the same, not which."""
    keyed = _keyed(key).copy()
    keyed.update(f"{what}{value}".encode())
    return keyed.hexdigest()[:_FINGERPRINT]


@lru_cache(maxsize=4)  # a former key, too
def _keyed(key: bytes) -> hmac.HMAC:
    """Set up once: half of the cost of a fingerprint."""
    return hmac.new(key, digestmod="sha256")


class Walk:
    """One message, recursively, under one budget for all its parts."""

    def __init__(
        self, limits: Limits, broken: Mapping[int, Trouble], at: Callable[[int], None]
    ) -> None:
        self._limits = limits
        self._broken = broken
        self._at = at
        self._opened = 0
        self._open = NO_PART
        self._begun = monotonic()
        self._bytes = limits.bytes
        self._parts = limits.parts
        self._text = limits.text
        self._troubles = limits.parts  # something may be wrong with each of a million pages
        self._passwords: tuple[str, ...] = ()

    def message(self, content: bytes, prefix: str, depth: int) -> Iterator[Seen]:
        """prefix: of the paths within, "2!mail.eml!" for a mail saved as a file."""
        parsed = _under(prefix, parse(content, self._left()))
        header = _header(parsed, prefix.removesuffix("!"))
        yield self._fitting(header)
        if any(passwords.may_open(part) for part in parsed.parts):
            self._passwords = passwords.of_mail(parsed.parts, parsed.texts, self._passwords)
        for part in parsed.parts:
            yield from self.part(part, depth)

    def part(self, part: Part, depth: int, *, child: bool = False) -> Iterator[Seen]:
        """The part, then its children. child: its names have not been read as yet."""
        outer, self._open = self._open, self._opened
        self._opened += 1
        self._at(self._open)
        yield from self._inside(part, depth, child)
        self._open = outer
        self._at(outer)

    def _inside(self, part: Part, depth: int, child: bool) -> Iterator[Seen]:
        place = Place(part.path)
        names = tuple(Text(place, name, Medium.NAME) for name in part.names) if child else ()
        self._parts -= 1
        self._bytes -= len(part.data)
        if refusal := self._refusal(place, len(part.data), depth):
            yield Seen(place, "", _name(part), Coverage.UNREAD, names, (refusal,))
            return
        kinds: list[str] = []
        pieces: list[Piece] = [*names]
        children: list[Seen] = []
        for piece in _pieces(replace(part, passwords=self._passwords), self._left()):
            if isinstance(piece, Part):
                children += self.part(piece, depth + 1, child=True)
                if self._spent():  # one refusal stands for all that would follow
                    break
            elif not isinstance(piece, str):
                pieces.append(piece)
                self._troubles -= isinstance(piece, Problem)
                if self._troubles < 0:
                    pieces.append(Problem(Trouble.TOO_MANY, place, "too many things are wrong"))
                    break
            elif piece == "message":
                header, *parts = self.message(part.data, f"{part.path}!", depth + 1)
                pieces += (*header.pieces, *header.problems)
                children += parts
            kinds += [piece] if isinstance(piece, str) else []
        yield self._fitting(_one(part, "+".join(kinds), pieces, parent=bool(children)))
        yield from children

    def _spent(self) -> bool:
        return self._parts < 0 or self._bytes < 0

    def _refusal(self, place: Place, size: int, depth: int) -> Problem | None:
        if trouble := self._broken.get(self._open):
            return Problem(trouble, place, "no reader came back from it")
        if len(self._broken) >= MOST_BROKEN and self._open > max(self._broken):
            return Problem(Trouble.CRASHED, place, "not opened: what precedes broke the readers")
        if depth > self._limits.depth:
            return Problem(Trouble.TOO_DEEP, place, "too many containers within containers")
        if self._parts < 0:
            return Problem(Trouble.TOO_MANY, place, "too many parts")
        if self._troubles < 0:
            return Problem(Trouble.TOO_MANY, place, "too many things are wrong")
        if size > self._limits.member:
            return Problem(Trouble.TOO_BIG, place, "too many bytes")
        if self._bytes < 0:
            return Problem(Trouble.TOO_BIG, place, "too many bytes in all")
        return None

    def _left(self) -> Limits:
        spent = monotonic() - self._begun
        most = min(self._limits.pictures, self._limits.seconds * 2 / 3)
        return replace(
            self._limits,
            bytes=max(0, self._bytes),
            parts=max(0, self._parts),
            pictures=self._limits.pictures and most - spent,
        )

    def _fitting(self, seen: Seen) -> Seen:
        """What may still be searched."""
        fitting = []
        for piece in seen.pieces:
            self._text -= _length(piece)
            if self._text >= 0:
                fitting.append(piece)
        if len(fitting) == len(seen.pieces):
            return seen
        problem = Problem(Trouble.TOO_BIG, seen.place, "too much text in all")
        coverage = Coverage.worst((seen.coverage, Coverage.PARTLY))
        return replace(
            seen, pieces=tuple(fitting), problems=(*seen.problems, problem), coverage=coverage
        )


def _file(name: str, data: bytes, limits: Limits) -> Iterator[Seen]:
    part = Part("1", data, names=(name,) if name else ())
    walk = Walk(limits, _NOTHING_BROKEN, lambda _: None)
    if kind.textual(part) == "message" and not kind.signed(data):
        return walk.message(data, "", 0)
    return walk.part(part, 0, child=True)


def _pieces(part: Part, limits: Limits) -> Iterator[Piece | str]:
    """Each kind of a part as a word, and what its extractor makes of it.

    The one net for a part: whatever an extractor raises is a Problem, and what it gave before is
    kept. The exception is dropped, since its text may quote the document.
    """
    place = Place(part.path)
    try:
        kinds = kind.kinds(part)
        if len(kinds) > 1:
            yield Problem(Trouble.AMBIGUOUS, place, "a file that is two things at once")
        for found in kinds:
            yield found
            if extract := extractors().get(found):
                yield from extract(part, limits)
    except (MemoryError, RecursionError):
        yield Problem(Trouble.TOO_BIG, place, "reading it took too much memory")
    except Exception:
        yield Problem(Trouble.DAMAGED, place, "it could not be read")


def _header(parsed: Parsed, path: str) -> Seen:
    """The header of a message, and the names of its parts."""
    cut = any(problem.kind not in _READ_WHOLE for problem in parsed.problems)
    coverage = Coverage.PARTLY if cut else Coverage.WHOLE
    return Seen(Place(path), "message", "", coverage, parsed.texts, parsed.problems)


def _one(part: Part, found: str, pieces: Iterable[Piece], *, parent: bool = False) -> Seen:
    """A part and how far it was read. parent: it has parts within, which are told apart."""
    texts: list[Text | Table] = []
    problems: list[Problem] = []
    for piece in pieces:
        if isinstance(piece, Problem):
            problems.append(piece)
        elif not isinstance(piece, Part):
            texts.append(piece)
    coverage = Coverage.WHOLE
    if any(problem.kind not in _READ_WHOLE for problem in problems):
        told = any(_length(piece) for piece in texts if not _is_name(piece))
        coverage = Coverage.PARTLY if told or parent else Coverage.UNREAD
    return Seen(Place(part.path), found, _name(part), coverage, tuple(texts), tuple(problems))


def _reading(seen: Sequence[Seen], limits: Limits) -> Reading:
    """Search all texts in one go, so that a person in the Subject counts for the whole."""
    hits, failures = search.search([piece for one in seen for piece in one.pieces])
    problems = [*(problem for one in seen for problem in one.problems), *failures]
    distinct: dict[tuple[str, str, Place], Hit] = {}
    for hit in hits:
        what = hit.kind, hit.value, hit.place
        known = distinct.get(what)  # in the text of a part, and in a table that it holds
        distinct[what] = same_person.both(known, hit) if known else hit
    carried = sorted(distinct.values(), key=_likelihood, reverse=True)
    more: Counter[str] = Counter()
    if len(carried) > limits.hits:
        carried = search.of_every_kind(carried)
        more.update(hit.kind for hit in carried[limits.hits :])
        problems.append(Problem(Trouble.TOO_MANY, Place(""), "too many findings to list them all"))
    return Reading(
        tuple(carried[: limits.hits]),
        tuple(dict.fromkeys(problems)),
        tuple(PartRead(one.place, one.kind, one.coverage) for one in seen),
        tuple(more.items()),
    )


_likelihood = attrgetter("likelihood")


def _under(prefix: str, parsed: Parsed) -> Parsed:
    """The same with longer paths."""
    if not prefix:
        return parsed

    def longer(place: Place) -> Place:
        path = prefix + place.part if place.part else prefix.removesuffix("!")
        return replace(place, part=path)

    return Parsed(
        tuple(replace(part, path=prefix + part.path) for part in parsed.parts),
        tuple(replace(text, place=longer(text.place)) for text in parsed.texts),
        tuple(replace(problem, place=longer(problem.place)) for problem in parsed.problems),
    )


def _is_name(piece: Text | Table) -> bool:
    return isinstance(piece, Text) and piece.medium is Medium.NAME


def _name(part: Part) -> str:
    return part.names[0] if part.names else ""


def _length(piece: Text | Table) -> int:
    if isinstance(piece, Text):
        return len(piece.text)
    return sum(len(cell) + 1 for row in (piece.header, *piece.rows) for cell in row)


def _shown(piece: Text | Table) -> str:
    if isinstance(piece, Text):
        return piece.text
    rows = (piece.header, *piece.rows) if piece.header else piece.rows
    return "\n".join("\t".join(row) for row in rows)
