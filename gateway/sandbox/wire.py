"""The strict wire between a door and a worker: bytes <-> nouns, no socket here.

    request   length (4 bytes, big-endian) of limits and broken parts (JSON), length of content (8),
              content
    answer    length (4), then one JSON array a line, of a "hit", "problem", "part" or "more"

A worker has just opened a hostile document, so nothing it says is believed to be well formed: sizes
and counts are looked at before anything is decoded, every line is short, every field is checked for
type, length and vocabulary, and whatever is off is `Malformed`. One line a record keeps the memory
that a nasty JSON can cost within a line.

Strings travel as UTF-8 with surrogates let through, since names in mails are not always Unicode.
What a worker *claims* to have found is believed: the wall protects the door, not the truth.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any, NoReturn

from gateway.model import (
    Coverage,
    Hit,
    Likelihood,
    Limits,
    PartRead,
    Place,
    Problem,
    Reading,
    Trouble,
)

LENGTH_BYTES = 4
MAX_TEXT = 16_384  # characters of a value or a place; a path of nested archives is the longest
MAX_DETAIL = 500  # characters; fixed wording
MAX_KIND = 64  # characters
MAX_NEAR = 64  # kinds; there are fewer
MAX_COUNT = 1 << 53  # what JSON numbers are good for everywhere
MAX_LINE_BYTES = 512 * 1024  # three texts of MAX_TEXT, most of their characters escaped
_SPARE_RECORDS = 1_000  # for the problems of the message itself and the kinds in `more`
_KIND_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._/+-")

Broken = Mapping[int, Trouble]
"""Parts that stay closed, by number, as gateway.inspection.read takes them."""


class Malformed(Exception):
    """Not what the wire says. Never carries what was received."""


class Oversize(Exception):
    """More than the wire carries."""


def request(content: bytes, limits: Limits, broken: Broken) -> tuple[bytes, bytes]:
    """Two pieces to send one after the other, so that a large content is not copied."""
    told = _dump([asdict(limits), list(broken.items())])
    head = len(told).to_bytes(LENGTH_BYTES, "big") + told + len(content).to_bytes(8, "big")
    return head, content


def take_request(take: Callable[[int], bytes]) -> tuple[bytes, Limits, Broken]:
    """take: exactly so many bytes, or an exception."""
    told, broken = json.loads(take(int.from_bytes(take(LENGTH_BYTES), "big")))
    limits = Limits(**{field.name: told[field.name] for field in fields(Limits)})
    closed = {number: Trouble(trouble) for number, trouble in broken}
    return take(int.from_bytes(take(8), "big")), limits, closed


def answer(reading: Reading, limits: Limits, max_bytes: int) -> bytes:
    """Oversize where the other side would refuse it."""
    if len(reading.hits) > limits.hits:
        raise Oversize
    lines: list[bytes] = []
    size = 0
    for record in _records(reading):
        if any(isinstance(field, str) and len(field) > MAX_TEXT for field in record):
            raise Oversize
        line = _dump(record)
        size += len(line) + 1
        if len(line) > MAX_LINE_BYTES or size > max_bytes or len(lines) >= _most(limits):
            raise Oversize
        lines.append(line)
    body = b"\n".join(lines)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def unfinished(frame: bytes | bytearray, max_bytes: int) -> bool:
    """Whether more of an answer is due; False as soon as it can only be refused."""
    length = int.from_bytes(frame[:LENGTH_BYTES], "big")
    return (
        len(frame) < LENGTH_BYTES or len(frame) < LENGTH_BYTES + length <= LENGTH_BYTES + max_bytes
    )


def reading(frame: bytes, limits: Limits, max_bytes: int) -> Reading:
    """The whole of what a worker said, or Malformed."""
    body = frame[LENGTH_BYTES:]
    if len(body) > max_bytes or int.from_bytes(frame[:LENGTH_BYTES], "big") != len(body):
        raise Malformed
    if body.count(b"\n") >= _most(limits) or len(frame) < LENGTH_BYTES:
        raise Malformed
    hits: list[Hit] = []
    problems: list[Problem] = []
    parts: list[PartRead] = []
    more: list[tuple[str, int]] = []
    for line in _lines(body):
        match _load(line):
            case ["hit", kind, value, likelihood, part, inside, near]:
                hits.append(_hit(kind, value, likelihood, _place(part, inside), near))
            case ["problem", kind, part, inside, detail]:
                found = _member(Trouble, kind, str), _place(part, inside), _text(detail, MAX_DETAIL)
                problems.append(Problem(*found))
            case ["part", part, inside, kind, coverage]:
                read = _place(part, inside), _kind(kind), _member(Coverage, coverage, str)
                parts.append(PartRead(*read))
            case ["more", kind, count]:
                more.append((_kind(kind), _count(count)))
            case _:
                raise Malformed
    if len(hits) > limits.hits:
        raise Malformed
    return Reading(tuple(hits), tuple(problems), tuple(parts), tuple(more))


def _records(reading: Reading) -> Iterator[list[object]]:
    for hit in reading.hits:
        place = hit.place
        yield ["hit", hit.kind, hit.value, hit.likelihood, place.part, place.inside, hit.near]
    for problem in reading.problems:
        place = problem.place
        yield ["problem", problem.kind, place.part, place.inside, problem.detail]
    for read in reading.parts:
        yield ["part", read.place.part, read.place.inside, read.kind, read.coverage]
    for kind, count in reading.more:
        yield ["more", kind, count]


def _most(limits: Limits) -> int:
    """Records in one answer: every part may be read, and have three things wrong with it."""
    return limits.hits + 4 * limits.parts + _SPARE_RECORDS


def _dump(value: object) -> bytes:
    # Not ASCII: an escaped high surrogate followed by a low one would come back as one character.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def _refuse(_: object) -> NoReturn:
    raise Malformed


_DECODER = json.JSONDecoder(  # no object and no fraction stands in an answer
    parse_float=_refuse, parse_constant=_refuse, object_pairs_hook=_refuse
)


def _lines(body: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(body):
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        if end - start > MAX_LINE_BYTES:
            raise Malformed
        yield body[start:end]
        start = end + 1


def _load(line: bytes) -> Any:
    try:
        return _DECODER.decode(line.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):  # not UTF-8, not JSON, an endless number, endless nesting
        raise Malformed from None


def _hit(kind: object, value: object, likelihood: object, place: Place, near: object) -> Hit:
    if not isinstance(near, list) or len(near) > MAX_NEAR:
        raise Malformed
    return Hit(
        _kind(kind),
        _text(value, MAX_TEXT),
        _member(Likelihood, likelihood, int),
        place,
        tuple(_kind(other) for other in near),
    )


def _place(part: object, inside: object) -> Place:
    return Place(_text(part, MAX_TEXT), _text(inside, MAX_TEXT))


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise Malformed
    return value


def _kind(value: object) -> str:
    """A word of ours, not of the message: it labels metrics."""
    kind = _text(value, MAX_KIND)
    if not _KIND_LETTERS.issuperset(kind):
        raise Malformed
    return kind


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MAX_COUNT:  # True is an int, too
        raise Malformed
    return value


def _member(vocabulary: Callable[[Any], Any], value: object, exactly: type) -> Any:
    if type(value) is not exactly:  # Likelihood(True) is POSSIBLE
        raise Malformed
    try:
        return vocabulary(value)
    except ValueError:
        raise Malformed from None
