"""Search: what was read of a message -> what was found in it, with what stands near.

Detectors are the modules of this package that have a DETECTOR: adding a file adds a kind. Each runs
alone: one that fails is a Problem of its kind and place, and the others go on. Nothing is raised
and nothing is said of the failure but that, since its text may quote the message.
"""

from __future__ import annotations

import gc
import pkgutil
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from itertools import accumulate
from operator import itemgetter

import gateway.detect
from gateway.detect import (
    aligned,
    fields,
    forms,
    grid,
    lexicon,
    listing,
    misread,
    near,
    respelled,
    same_person,
    site,
    table_persons,
)
from gateway.detect.columns import Rows
from gateway.detect.detector import Detector, nothing_besides
from gateway.detect.file_names import readable
from gateway.detect.fold import Folded, fold
from gateway.model import Hit, Likelihood, Medium, Place, Problem, Table, Text, Trouble

_SUBJECT = ("subject", "objet")
_PROSE = (Medium.BODY, Medium.DOCUMENT, Medium.PICTURE)
_ALONE = (Medium.CELLS, Medium.PICTURE)  # are never searched together with others
_Found = tuple[near.Seen, frozenset[str]]

# A mail is a few short texts: its fields and its body. Searched as one they take half the time.
_TOGETHER = 16 * 1024  # characters, beyond which nothing is gained
# Between two of them: longer than any detector looks, and part of no match; in its middle a mark,
# since a short one is found in a third of the time.
_MARK = "%¤%¤%¤%"
_GAP = "¤" * 160 + _MARK + "¤" * 160
_FOLDED_MARK = fold(_MARK).data


def search(pieces: Sequence[Text | Table]) -> tuple[list[Hit], list[Problem]]:
    """Every distinct value of every piece, in the order of the pieces. Never raises."""
    problems: list[Problem] = []
    pieces = [_respelled(piece, problems) for piece in pieces]
    _detectors()  # as they are imported, they say which headings announce numbers
    known = _together(pieces)
    senders = _senders(pieces, known)
    found = [
        (piece, hits)
        for i, piece in enumerate(pieces)
        if (hits := _hits(piece, known.get(i), problems, senders))
    ]
    whole = {kind for piece, hits in found if _is_subject(piece) for kind in _identifying(hits)}
    named: dict[str, set[str]] = {}
    for piece, hits in found:
        if isinstance(piece, Text) and piece.medium is Medium.NAME:
            named.setdefault(piece.place.part, set()).update(_identifying(hits))
    hits = [hit for _, hits in found for hit in _with_names(hits, whole, named)]
    return same_person.merged(hits), list(dict.fromkeys(problems))


def masked(kind: str, value: str) -> str:
    """A value as it may be shown; of a kind that nobody here finds, nothing."""
    detector = _detectors().get(kind)
    return detector.mask(value) if detector and value else "***"


def kinds() -> tuple[str, ...]:
    """Every kind that can be found, sorted."""
    return tuple(_detectors())


def warm() -> None:
    """Load lexicons and compile automata, so that no mail waits for it and forks share it."""
    collecting = gc.isenabled()
    gc.disable()  # nothing of it is ever garbage; a tenth of the time goes into looking
    try:
        lexicon.load()  # a jailed worker may open no file
        for detector in _detectors().values():
            detector.prepare()
            list(detector.find(fold("")))
    finally:
        if collecting:
            gc.enable()


def of_every_kind(hits: Iterable[Hit]) -> list[Hit]:
    """The first of each kind, then the second of each…: where only some are carried, the many of
    one kind leave room for the others. Among hits of one kind the order stays."""
    met: Counter[str] = Counter()
    ranked: list[tuple[int, Hit]] = []
    for hit in hits:
        ranked.append((met[hit.kind], hit))
        met[hit.kind] += 1
    return [hit for _, hit in sorted(ranked, key=itemgetter(0))]


def _detectors() -> dict[str, Detector]:
    return _built(site.known())


@lru_cache(maxsize=1)
def _built(of_site: tuple[site.Identifier, ...]) -> dict[str, Detector]:
    names = sorted(module.name for module in pkgutil.iter_modules(gateway.detect.__path__))
    modules = [import_module(f"gateway.detect.{name}") for name in names]
    found = [module.DETECTOR for module in modules if hasattr(module, "DETECTOR")]
    found += map(site.detector, of_site)
    return {detector.kind: detector for detector in sorted(found, key=lambda d: d.kind)}


def _respelled(piece: Text | Table, problems: list[Problem]) -> Text | Table:
    try:
        return respelled.piece(piece)
    except Exception:
        problems.append(Problem(Trouble.DETECTOR, piece.place, "search"))
        return piece


def _together(pieces: Sequence[Text | Table]) -> dict[int, list[near.Seen]]:
    """What is in the short texts among the pieces, by their number. Where one pass does not do,
    because a detector fails or a text looks like a gap, each is to be searched alone."""
    texts: dict[int, str] = {}
    room = _TOGETHER
    for i, piece in enumerate(pieces):
        if isinstance(piece, Text) and piece.medium not in _ALONE and piece.text:
            room -= len(piece.text) + len(_GAP)
            if room < 0:
                break
            texts[i] = plain(piece)
    problems: list[Problem] = []
    folded = fold(_GAP.join(texts.values()))
    sizes = [len(text) + len(_FOLDED_MARK) for text in folded.data.split(_FOLDED_MARK)]
    if len(sizes) != len(texts):
        return {}
    known: dict[int, list[near.Seen]] = {i: [] for i in texts}
    numbers, ends = list(texts), list(accumulate(sizes))
    spans = [
        (pieces[i], (end - size, end)) for i, size, end in zip(texts, sizes, ends, strict=True)
    ]
    fields.note(
        folded,
        [span for piece, span in spans if _is_subject(piece) or _is_name(piece)],
        [span for piece, span in spans if _is_prose(piece)],
    )
    for seen in matches(folded, Place(""), problems):
        known[numbers[bisect_right(ends, seen.match.end - 1)]].append(seen)
    return {} if problems else known


def plain(piece: Text) -> str:
    """As detectors of names want it."""
    if piece.medium is Medium.NAME:
        return readable(piece.text)
    return piece.text.title() if _is_subject(piece) and piece.text.islower() else piece.text


def _hits(
    piece: Text | Table,
    known: list[near.Seen] | None,
    problems: list[Problem],
    senders: frozenset[str] = frozenset(),
) -> list[Hit]:
    """Hits of one piece, one for each kind and value. known: what is known to be in it."""
    if known == [] and not _has_cells(piece):
        return []
    best: dict[tuple[str, str], Hit] = {}
    try:
        for (kind, match), kinds_near in _found(piece, known, problems, senders):
            old = best.get((kind, match.value))
            if old is None:
                best[kind, match.value] = Hit(
                    kind, match.value, match.likelihood, piece.place, _in_order(kinds_near)
                )
            elif match.likelihood > old.likelihood or not kinds_near.issubset(old.near):
                sure = max(old.likelihood, match.likelihood)
                together = _in_order(kinds_near.union(old.near))
                best[kind, match.value] = Hit(kind, match.value, sure, piece.place, together)
    except Exception:  # folding or a table that is not one: the text was not searched
        problems.append(Problem(Trouble.DETECTOR, piece.place, "search"))
    return list(best.values())


@lru_cache(maxsize=1024)
def _in_order(kinds: frozenset[str]) -> tuple[str, ...]:
    """Few sets differ."""
    return tuple(sorted(kinds))


def _found(
    piece: Text | Table,
    known: list[near.Seen] | None,
    problems: list[Problem],
    senders: frozenset[str],
) -> Iterator[_Found]:
    if isinstance(piece, Table) or piece.medium is Medium.CELLS:
        yield from _in_table(piece, problems)
    elif piece.text:
        folded, seen = None, known
        if seen is None or (_names_many(seen) and listing.has_lines(piece.text)):
            folded = fold(plain(piece))
            if piece.medium is Medium.PICTURE:
                misread.note(folded)
            seen = list(matches(folded, piece.place, problems))
        typed = [
            found for rows in _rows(piece, seen) for found in _typed(rows, piece.place, problems)
        ]
        if folded and not any(one.kind == table_persons.KIND for one, _ in typed):
            seen = [*seen, *listing.rows(folded, seen)]
        if seen:
            seen = same_person.without_senders(seen, senders)
            yield from zip(seen, near.neighbours(seen, near.reach(piece)), strict=True)
        yield from typed


def _rows(piece: Text, seen: Sequence[near.Seen]) -> Iterator[Rows]:
    """Of each table of persons that was typed or pasted into a text."""
    if not _is_prose(piece):
        return
    if listing.may_hold(piece.text):
        yield from listing.tables(piece.text)
    if aligned.may_hold(piece.text):
        yield from aligned.tables(piece.text)
    if _has_births(seen) or forms.may_hold(piece.text):
        yield from forms.tables(piece.text)


def _in_table(piece: Text | Table, problems: list[Problem]) -> Iterator[_Found]:
    if isinstance(piece, Text):
        piece = Table(piece.place, (), tuple(grid.from_cells(piece.text)))
    for sheet in grid.sheets(piece):
        but = ("person",) if sheet.named else ()
        seen = [*matches(sheet.folded, piece.place, problems, but), *sheet.known]
        close = near.together(seen) if sheet.form else near.in_rows(seen, sheet.starts)
        yield from zip(seen, close, strict=True)


def _typed(rows: Rows, place: Place, problems: list[Problem]) -> Iterator[_Found]:
    """What a table within a text says of its rows, and of the persons in them; all else in it is
    found in the text."""
    for seen, close in _in_table(Table(place, (), tuple(rows)), problems):
        if seen.kind == "person" or seen.kind.startswith("table.") or "person" in close:
            yield seen, close


def _senders(pieces: Sequence[Text | Table], known: dict[int, list[near.Seen]]) -> frozenset[str]:
    """The persons that the field From names, by name or by address."""
    of_names = {
        match.value
        for i, seen in known.items()
        if pieces[i].place.inside == "header From"
        for kind, match in seen
        if kind == "person"
    }
    froms = (p for p in pieces if isinstance(p, Text) and p.place.inside == "header From")
    return frozenset(of_names.union(*(same_person.of_addresses(p.text) for p in froms)))


def _has_cells(piece: Text | Table) -> bool:
    """Whether a text may hold a table of its own."""
    if not isinstance(piece, Text) or not _is_prose(piece):
        return False
    return any(kind.may_hold(piece.text) for kind in (listing, aligned, forms))


def _names_many(seen: Sequence[near.Seen]) -> bool:
    return sum(1 for kind, _ in seen if kind == "person") >= listing.LEAST


def _has_births(seen: Sequence[near.Seen]) -> bool:
    return _names_many(seen) and sum(1 for kind, _ in seen if kind == "birth") >= forms.LEAST


def matches(
    folded: Folded, place: Place, problems: list[Problem], but: Sequence[str] = ()
) -> Iterator[near.Seen]:
    for kind, detector in _detectors().items():
        if kind in but:
            continue
        try:
            for match in list(detector.find(folded)):
                yield near.Seen(kind, match)
            if detector.besides is nothing_besides:
                continue
            for other, match in detector.besides(folded):
                if other not in but:
                    yield near.Seen(other, match)
        except Exception:
            problems.append(Problem(Trouble.DETECTOR, place, kind))


def _is_subject(piece: Text | Table) -> bool:
    if not isinstance(piece, Text) or piece.medium is not Medium.HEADER:
        return False
    return any(word in piece.place.inside.lower() for word in _SUBJECT)


def _is_name(piece: Text | Table) -> bool:
    return isinstance(piece, Text) and piece.medium is Medium.NAME


def _is_prose(piece: Text | Table) -> bool:
    return isinstance(piece, Text) and piece.medium in _PROSE


def _identifying(hits: Iterable[Hit]) -> Iterator[str]:
    for hit in hits:
        if hit.kind in near.IDENTIFYING and hit.likelihood >= Likelihood.LIKELY:
            yield hit.kind


def _with_names(hits: Iterable[Hit], whole: set[str], named: dict[str, set[str]]) -> Iterator[Hit]:
    """Hits, near whoever the Subject or the name of their file speaks of."""
    if not whole and not named:
        yield from hits
        return
    for hit in hits:
        more = whole.union(*(kinds for part, kinds in named.items() if _is_in(hit.place, part)))
        more -= {hit.kind, *hit.near}
        if more:
            both = tuple(sorted({*hit.near, *more}))
            hit = Hit(hit.kind, hit.value, hit.likelihood, hit.place, both)
        yield hit


def _is_in(place: Place, part: str) -> bool:
    """Whether a place is in the file at `part`, or in a file within it."""
    return place.part == part or place.part.startswith(f"{part}!")
