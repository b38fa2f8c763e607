"""Folding: one spelling for every way of writing the same thing, one byte a character.

Lower case, no accents, full-width and Arabic-Indic digits as digits, look-alike Cyrillic and Greek
letters as Latin ones, every dash "-", every quote a plain quote; what is invisible (zero-width,
soft hyphen, combining marks, bidirectional controls) is gone, and a run of blanks is one blank.
Bytes, because the matchers are two to three times faster on bytes; one byte a character, so that a
position stays a position. `œ` and `æ` keep a byte of their own: lexicons spell them both ways.

It does not repair what a scanner misread (O for 0), and it does not transliterate: a letter of
another script is the byte 0xFE, "some letter".
"""

from __future__ import annotations

import codecs
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.detect.pattern import Pattern, linear, present

GONE = 0x00  # a character that leaves no trace
LETTER = 0xFE  # a letter of a script that is not folded
SYMBOL = 0x7F  # anything else that one sees

# Characters given a slot of their own in the encoding table, so that mail full of them (French
# typography; one zero-width space after each letter) is encoded at full speed.
_FREQUENT = (
    "‘’‚“”„–—―…€œŒ•™‹›Ÿ"
    "\u202f\u2009\u2007\u200a\u2003\u2010\u2011\u2212\u2028\u2032"
    "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202c\u0300\u0301\u0302\u0308\u0327\u0303"
)
_FREE = (*range(0x80, 0xA0), *range(0x01, 0x09), *range(0x0E, 0x1A))  # C1 and C0 controls

_LOOKALIKES = dict(
    zip(
        "АВСЕНІЈКМОРТХУЅаеорсухіјѕԁһӏԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχϲﬁﬂıłŁøØđĐðÐþÞ",
        "ABCEHIJKMOPTXYSaeopcyxijsdhlqwABEZHIKMNOPTYXaiknoptuxcffilLoOdDdDpP",
        strict=True,
    )
)
_KEPT = {
    **{char: ord("-") for char in "‐‑‒–—―−⁃﹣－"},
    **{char: ord("'") for char in "‘’‚‛′´`ʼ＇"},
    **{char: ord('"') for char in "“”„‟″«»＂"},
    **dict.fromkeys("·•∙‧", 183),
    **dict.fromkeys("°º˚", 176),
    "œ": 0x9C,
    "Œ": 0x8C,
    "æ": 0xE6,
    "Æ": 0xC6,
    "×": ord("x"),
    "€": 0x80,
    "…": ord("."),
    "ß": ord("s"),
    "ª": ord("a"),
    "µ": ord("u"),
    "μ": ord("u"),
    "\t": 0x09,
    **dict.fromkeys("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", 10),
    **dict.fromkeys("⠀ㅤﾠᅟᅠ", 32),  # blank to the eye
}
_REMEMBERED = 1 << 16  # distinct rare characters: hostile text must not fill the memory
_SHORT = 16 * 1024  # characters of most mails
_ENOUGH = 64  # digits: no detector wants more of them in a text
_MANY = 100_000  # pieces of a text held at once: some megabytes
_SLICE = 1 << 16  # bytes whose blanks are told apart at once
_BLOCK = 4096  # characters encoded at once
_STEP = 48  # characters handed to the slow path at once, when one is met


def _byte(char: str) -> int:
    """The folded byte of one character, case kept."""
    if char in _KEPT:
        return _KEPT[char]
    if " " <= char <= "~":
        return ord(char)
    if char in _LOOKALIKES:
        return ord(_LOOKALIKES[char])
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf", "Cc"):
        return GONE
    if (digit := unicodedata.digit(char, None)) is not None:
        return ord("0") + digit
    plain = unicodedata.normalize("NFKD", char)
    for part in plain:
        if part.isascii() and part.isalnum():
            return ord(part)
        if part in _LOOKALIKES:
            return ord(_LOOKALIKES[part])
    if len(plain) == 1 and " " <= plain <= "~":
        return _byte(plain)
    if category[0] == "Z":
        return ord(" ")
    if category == "Pd":
        return ord("-")
    return LETTER if category[0] in "LM" else SYMBOL


def _slots() -> list[str]:
    """Which character each byte of the encoding table stands for; U+FFFE: none."""
    slots = [chr(code) for code in range(256)]
    for code in _FREE:
        slots[code] = "\ufffe"
    for code, char in zip(_FREE, _FREQUENT, strict=False):
        slots[code] = char
    return slots


_SLOTS = _slots()
_ENCODING = codecs.charmap_build("".join(_SLOTS))
_CASED_OF = bytearray(GONE if char == "\ufffe" else _byte(char) for char in _SLOTS)
_CASED_OF[_FREE[-1]] = LETTER
_CASED_OF[_FREE[-2]] = SYMBOL
_CASED_OF_LATIN = bytes(_byte(chr(code)) for code in range(256))
# The commonest beyond Latin-1, each written by one of it that folds alike: most French texts have
# no others. Three have none: they are lent controls, where the text has none of these.
_LENT = {"\x80": "€", "\x8c": "Œ", "\x9c": "œ"}
_STAND_INS = (
    *((char, control) for control, char in _LENT.items()),
    *((char, chr(_byte(char))) for char in "’‘“”–—…•\u202f\u2009\u2011\u200b\ufeff"),
)
_CASED_LENT = bytes(
    code if chr(code) in _LENT else byte for code, byte in enumerate(_CASED_OF_LATIN)
)
_CODE_OF = {byte: code for code, byte in reversed(list(enumerate(_CASED_OF)))}
_CASED = bytes(_CASED_OF)
_UPPER = bytes(range(0x41, 0x5B)) + b"\x8c\xc6\t\n"
_FOLD = bytes.maketrans(_UPPER, _UPPER[:26].lower() + b"\x9c\xe6  ")
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_RUN = linear(rb"[\x00\t\n ]{2,}|\x00")


class _Rare(dict[int, str]):
    """Code point -> its byte in the encoding, for `str.translate`; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        byte = chr(_CODE_OF[_byte(chr(code))])
        if len(self) < _REMEMBERED:
            self[code] = byte
        return byte


_RARE = _Rare({ord(char): chr(code) for code, char in enumerate(_SLOTS) if char != "\ufffe"})


def _rare(error: UnicodeError) -> tuple[bytes, int]:
    """Codec error handler: a step of the text, since rare characters come in clusters."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    end = min(len(error.object), max(error.end, error.start + _STEP))
    return error.object[error.start : end].translate(_RARE).encode("latin-1"), end


codecs.register_error("gateway.fold", _rare)


@dataclass(slots=True)
class Folded:
    """data:  folded, compacted: what detectors search. Blanks are spaces.
    cased: the same bytes at the same positions with their case, where a blank run that held a
           line end is "\n" and one that held a tab is "\t".
    digits: how many, as far as anybody asks.
    raw:   before compaction, one byte a character of the text, for what is told by its columns.
    """

    data: bytes
    cased: bytes
    digits: int
    raw: bytes
    _breaks: _Breaks | None = None
    _present: frozenset[Pattern] | None = None
    shared: dict[str, object] = field(default_factory=dict)

    def origin(self, i: int) -> int:
        """The index in the text of the character that became data[i]."""
        breaks = self._known_breaks()
        return i + breaks.dropped[bisect_right(breaks.starts, i)]

    def at(self, i: int) -> int:
        """Where in data the character raw[i] is, or what it was compacted into."""
        breaks = self._known_breaks()
        after = bisect_right(breaks.origins, i)
        most = breaks.starts[after] if after < len(breaks.starts) else len(self.data)
        return min(i - breaks.dropped[after], most)

    def _known_breaks(self) -> _Breaks:
        if self._breaks is None:
            self._breaks = _breakpoints(self.raw)
        return self._breaks

    def lacks(self, pattern: Pattern) -> bool:
        """Whether a watched pattern is not in the text; of a long text that is not known."""
        if len(self.data) > _SHORT:
            return False
        if self._present is None:
            self._present = present(self.data)
        return pattern not in self._present


def fold(text: str) -> Folded:
    raw = _raw(text)
    cased = _compacted(raw)
    return Folded(cased.translate(_FOLD), cased, _digits(cased), raw)


def _digits(cased: bytes) -> int:
    """Few questions are about more than the first dozens."""
    many = 0
    for i in range(0, len(cased), _SHORT):
        many += len(cased[i : i + _SHORT].translate(None, _NO_DIGITS))
        if many >= _ENOUGH:
            break
    return many


def _raw(text: str) -> bytes:
    """One byte a character, case kept. Block by block, as one rare character makes a text slow."""
    if (raw := _of_latin(text)) is not None:
        return raw
    return b"".join(_of_block(text[i : i + _BLOCK]) for i in range(0, len(text), _BLOCK))


def _of_block(text: str) -> bytes:
    plain = text
    for char, stand_in in _STAND_INS:
        plain = plain.replace(char, stand_in)
    if not any(control in text for control in _LENT) and (raw := _of_latin(plain, _CASED_LENT)):
        return raw
    return codecs.charmap_encode(text, "gateway.fold", _ENCODING)[0].translate(_CASED)


def _of_latin(text: str, cased: bytes = _CASED_OF_LATIN) -> bytes | None:
    """Many texts have no other characters, and this takes no time."""
    try:
        return text.encode("latin-1").translate(cased)
    except UnicodeEncodeError:
        return None


def _compacted(raw: bytes) -> bytes:
    """Runs of blanks become one blank: a line end if they hold one, else a tab, else a space."""
    if b"\0" in raw:
        raw = raw.translate(None, b"\0")
    if raw.count(b"\n") > _MANY or raw.count(b"\t") > _MANY:
        return _compacted_in_passes(raw)
    raw = _swallowed(raw, b"\n", b" \t")
    raw = _swallowed(raw, b"\t", b" ")
    if b"  " not in raw:
        return raw
    slices = (raw[i : i + _SLICE] for i in range(0, len(raw), _SLICE))
    return _halved(b"".join(_swallowed(one, b" ", b"") for one in slices), b" ")


def _swallowed(raw: bytes, blank: bytes, lesser: bytes) -> bytes:
    """One `blank` for each run of them and the lesser ones around it."""
    if blank not in raw:
        return raw
    first, *others, last = raw.split(blank)
    full = filter(None, [other.strip(lesser) for other in others if other])
    return blank.join((first.rstrip(lesser), *full, last.lstrip(lesser)))


def _compacted_in_passes(raw: bytes) -> bytes:
    """The same where the pieces could fill the memory, at twice the cost."""
    raw = _halved(raw, b" ")
    for blank, lesser in ((b"\t", (b" ",)), (b"\n", (b" ", b"\t"))):
        for other in lesser:
            raw = raw.replace(other + blank, blank).replace(blank + other, blank)
        raw = _halved(raw, blank)
    return raw


def _halved(raw: bytes, blank: bytes) -> bytes:
    """Each pass halves the runs, so the cost is linear."""
    while blank * 2 in raw:
        raw = raw.replace(blank * 2, blank)
    return raw


class _Breaks(NamedTuple):
    """starts: positions in the compacted bytes behind which something was dropped. origins: the
    same before compaction. dropped: characters before each, and in all."""

    starts: list[int]
    origins: list[int]
    dropped: list[int]


def _breakpoints(raw: bytes) -> _Breaks:
    breaks = _Breaks([], [], [0])
    for run in _RUN.finditer(raw):
        start, end = run.span()
        kept = 1 if raw[start:end].strip(b"\0") else 0
        breaks.starts.append(start - breaks.dropped[-1] + kept)
        breaks.origins.append(end)
        breaks.dropped.append(breaks.dropped[-1] + end - start - kept)
    return breaks
