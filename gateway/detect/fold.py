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
_MANY = 100_000  # pieces of a text held at once: some megabytes
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
    """

    data: bytes
    cased: bytes
    digits: int
    _raw: bytes  # before compaction: one byte a character of the text
    _breaks: tuple[list[int], list[int]] | None = None
    _present: frozenset[Pattern] | None = None
    shared: dict[str, object] = field(default_factory=dict)

    def origin(self, i: int) -> int:
        """The index in the text of the character that became data[i]."""
        if self._breaks is None:
            self._breaks = _breakpoints(self._raw)
        starts, dropped = self._breaks
        return i + dropped[bisect_right(starts, i)]

    def lacks(self, pattern: Pattern) -> bool:
        """Whether a watched pattern is not in the text; of a long text that is not known."""
        if len(self.data) > _SHORT:
            return False
        if self._present is None:
            self._present = present(self.data)
        return pattern not in self._present


def fold(text: str) -> Folded:
    try:  # many texts have no other characters, and this takes no time
        raw = text.encode("latin-1").translate(_CASED_OF_LATIN)
    except UnicodeEncodeError:
        encoded = codecs.charmap_encode(text, "gateway.fold", _ENCODING)[0]
        raw = encoded.translate(_CASED)
    cased = _compacted(raw)
    return Folded(cased.translate(_FOLD), cased, len(cased.translate(None, _NO_DIGITS)), raw)


def _compacted(raw: bytes) -> bytes:
    """Runs of blanks become one blank: a line end if they hold one, else a tab, else a space."""
    if b"\0" in raw:
        raw = raw.translate(None, b"\0")
    raw = _halved(raw, b" ")
    raw = _swallowed(raw, b"\t", b" ")
    return _swallowed(raw, b"\n", b" \t")


def _swallowed(raw: bytes, blank: bytes, lesser: bytes) -> bytes:
    """One `blank` for each run of them and the lesser ones around it."""
    if not 0 < (many := raw.count(blank)) <= _MANY:
        return _swallowed_in_passes(raw, blank, lesser) if many else raw
    first, *others, last = raw.split(blank)
    full = filter(None, [other.strip(lesser) for other in others if other])
    return blank.join((first.rstrip(lesser), *full, last.lstrip(lesser)))


def _swallowed_in_passes(raw: bytes, blank: bytes, lesser: bytes) -> bytes:
    """The same where the pieces could fill the memory, at twice the cost."""
    for other in (lesser[i : i + 1] for i in range(len(lesser))):
        if other in raw:
            raw = raw.replace(other + blank, blank).replace(blank + other, blank)
    return _halved(raw, blank)


def _halved(raw: bytes, blank: bytes) -> bytes:
    """Each pass halves the runs, so the cost is linear."""
    while blank * 2 in raw:
        raw = raw.replace(blank * 2, blank)
    return raw


def _breakpoints(raw: bytes) -> tuple[list[int], list[int]]:
    """(positions in the compacted bytes, characters dropped before each of them)."""
    starts: list[int] = []
    dropped = [0]
    for run in _RUN.finditer(raw):
        start, end = run.span()
        kept = 1 if raw[start:end].strip(b"\0") else 0
        starts.append(start - dropped[-1] + kept)
        dropped.append(dropped[-1] + end - start - kept)
    return starts, dropped
