"""Rich text: the RTF specification 1.9.1, and mails in HTML wrapped in it (MS-OXRTFEX).

One pass over the tokens with one state a group. Text goes to the place its destination names: the
body, or headers, notes, comments, fields, properties… hidden and deleted text with the rest.
Pictures and embedded objects become parts. Tables of the body are given as rows besides; one within
a cell of another is text of that cell.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gateway.extract import objects, tables_within
from gateway.extract.characters import codec
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

# Tokens. Each alternative begins with bytes that no other begins with, and none repeats a choice.
_token = re.compile(
    rb"\\([A-Za-z]{1,32})(-?[0-9]{1,10})? ?"
    rb"|\\'([0-9A-Fa-f]{2})"
    rb"|\\([^A-Za-z])"
    rb"|([{}])"
    rb"|([^\\{}\r\n]+)"
    rb"|[\r\n]+"
    rb"|\\",
    re.DOTALL,
)
_DEEPEST = 10_000  # groups within groups
_GRID = frozenset((b"trowd", b"cell", b"row"))

_WORDS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"column": "\n", b"row": "\n",
    b"nestrow": "\n", b"softline": "\n", b"tab": "\t", b"cell": "\t", b"nestcell": "\t",
    b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”", b"emspace": " ", b"enspace": " ", b"qmspace": " ",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n", b"\t": "\t",
            b"\\": "\\", b"{": "{", b"}": "}"}  # fmt: skip
# Destinations: groups whose text is not the body's, beside those marked with \*.
_APART = frozenset(
    b"""header headerl headerr headerf footer footerl footerr footerf footnote annotation atnid
    atnauthor info title subject author manager company operator category keywords comment doccomm
    hlinkbase fonttbl colortbl stylesheet pict object objdata nonshppict filetbl revtbl upr txe rxe
    tc xe field_instruction listtext pntext atrfstart atrfend atndate""".split()
)
_OF_THE_BODY = frozenset((b"shppict", b"shpinst", b"shptxt", b"fldrslt", b"upr", b"ud", b"pn"))
_BYTES = frozenset(  # hexadecimal or numbers: no words
    b"""themedata colorschememapping datastore blipuid panose latentstyles rsidtbl listtable
    listoverridetable passwordhash fontemb fontfile oldcprops oldpprops oldtprops oldsprops colortbl
    mmathPr xmlnstbl generator wgrffmtfilter""".split()
)
_CHARSETS = {
    0: "cp1252", 2: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab",
    134: "gb2312", 136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255",
    178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 255: "cp850",
}  # fmt: skip


@dataclass(slots=True)
class _State:
    """Of one group. spot: where text goes, "" for the body. skip: characters that stand for one
    given by number. quiet: what an HTML reader does not see."""

    spot: str = ""
    skip: int = 1
    font: int = -1
    quiet: bool = False
    starts: bool = False  # nothing has come in it as yet


class _Grid:
    """The text of the body, and the tables in it. A row is announced by its properties, which may
    be said again at its end; a cell has no beginning of its own, and a table neither that nor an
    end: the next row belongs to it if nothing stands between."""

    def __init__(self) -> None:
        self.body: list[str] = []
        self.tables = tables_within.Tables(self.body, "")
        self._begun = False  # a table
        self._in_row = False
        self._between = False  # two cells
        self._since = 0  # the end of the last row

    def say(self, text: str) -> None:
        if self._between and text.strip():
            self.tables.cell()
            self._between = False
        self.body.append(text)

    def mark(self, word: bytes) -> None:
        if word == b"trowd" and not self._in_row:
            self._row()
        elif word == b"cell" and self._in_row:
            if self._between:
                self.tables.cell()
            self.tables.pause()
            self._between = True
        elif word == b"row" and self._in_row:
            self.tables.pause()
            self._in_row = self._between = False
            self._since = len(self.body)

    def _row(self) -> None:
        if self._begun and "".join(self.body[self._since :]).strip():
            self.tables.end()
            self._begun = False
        if not self._begun:
            self.tables.begin()
            self._begun = True
        self.tables.row()
        self._in_row = self._between = True


@dataclass(slots=True)
class _Reader:
    charset: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    spots: dict[str, list[str]] = field(default_factory=dict)
    page: list[str] = field(default_factory=list)  # the HTML within
    grid: _Grid = field(default_factory=_Grid)
    is_page: bool = False
    binaries: list[tuple[str, bytes]] = field(default_factory=list)
    whole: bool = True
    _bytes: bytearray = field(default_factory=bytearray)  # of letters not decoded as yet
    _hex: list[bytes] = field(default_factory=list)
    _skipping: int = 0
    _defined: int = 0  # the font whose definition this is

    def __post_init__(self) -> None:
        self.spots[""] = self.grid.body

    def read(self, data: bytes) -> None:
        states = [_State()]
        at = 0
        depth_left_out = 0
        scan = _token.match
        while match := scan(data, at):
            at = match.end()
            word, number, code, symbol, brace, text = match.groups()
            state = states[-1]
            if text is not None:
                self._letters(state, text)
            elif code is not None:
                self._letters(state, bytes((int(code, 16),)))
            elif brace == b"{":
                self._flush(state)
                if len(states) < _DEEPEST:
                    states.append(replace(state, starts=True))
                else:
                    depth_left_out += 1
                    self.whole = False
                continue
            elif brace == b"}":
                self._flush(state)
                if depth_left_out:
                    depth_left_out -= 1
                elif len(states) > 1:
                    states.pop()
                    self._end(state, states[-1])
                continue
            elif symbol is not None:
                self._symbol(state, symbol)
                if symbol == b"*":
                    continue
            elif word == b"bin":
                size = max(0, int(number or b"0"))
                self._binary(state, data[at : at + size])
                at += size
            elif word is not None:
                self._word(state, word, int(number) if number else None)
            state.starts = False
        self._flush(states[-1])
        self.whole &= len(states) == 1

    def _letters(self, state: _State, text: bytes) -> None:
        if self._skipping:
            gone = min(self._skipping, len(text))
            self._skipping -= gone
            text = text[gone:]
        if not text:
            return
        if state.spot in ("pict", "objdata"):
            self._hex.append(text)
        elif state.spot not in _SILENT:
            self._bytes += text

    def _flush(self, state: _State) -> None:
        """Letters of one byte each are decoded together: some take two."""
        self._skipping = 0
        if self._bytes:
            charset = self.fonts.get(state.font, "") or self.charset
            self._say(state, self._bytes.decode(charset, "replace"))
            self._bytes.clear()

    def _say(self, state: _State, text: str) -> None:
        if state.spot in _SILENT:
            return
        if state.spot:
            self.spots.setdefault(state.spot, []).append(text)
        else:
            self.grid.say(text)
        if self.is_page and (state.spot == "htmltag" or (not state.spot and not state.quiet)):
            self.page.append(text)

    def _symbol(self, state: _State, symbol: bytes) -> None:
        if symbol == b"*":
            self._flush(state)
            state.spot = "*"  # the word that follows names it
            return
        if self._skipping:
            self._skipping -= 1
            return
        if text := _SYMBOLS.get(symbol, ""):
            self._flush(state)
            self._say(state, text)

    def _word(self, state: _State, word: bytes, number: int | None) -> None:
        if word == b"u" and number is not None:
            self._unicode(state, number)
            return
        if self._skipping:
            self._skipping -= 1
            return
        self._flush(state)
        if state.spot == "*" or (state.starts and word in _APART):
            name = word.decode("ascii")
            state.spot = "" if word in _OF_THE_BODY else name
            if word == b"fonttbl":
                self._defined = 0
        elif word in _GRID and not state.spot:
            self._say(state, _WORDS.get(word, ""))
            self.grid.mark(word)
        elif word in _WORDS:
            self._say(state, _WORDS[word])
        else:
            self._setting(state, word, number)

    def _unicode(self, state: _State, number: int) -> None:
        self._flush(state)
        self._say(state, chr(number & 0xFFFF))
        self._skipping = state.skip

    def _setting(self, state: _State, word: bytes, number: int | None) -> None:
        match word:
            case b"uc":
                state.skip = min(max(0, number or 0), 8)
            case b"f":
                state.font = number or 0
                self._defined = state.font
            case b"fcharset" if state.spot == "fonttbl":
                self.fonts[self._defined] = _CHARSETS.get(number or 0, "")
            case b"cpg" if state.spot == "fonttbl":
                self.fonts[self._defined] = codec(f"cp{number}") or ""
            case b"ansicpg":
                self.charset = codec(f"cp{number}") or self.charset
            case b"mac":
                self.charset = "mac_roman"
            case b"pc":
                self.charset = "cp437"
            case b"pca":
                self.charset = "cp850"
            case b"plain":
                state.font = -1
            case b"fromhtml":
                self.is_page = True
            case b"htmlrtf":
                state.quiet = number != 0

    def _binary(self, state: _State, data: bytes) -> None:
        self._flush(state)
        self.binaries.append((state.spot, data))

    def _end(self, state: _State, outer: _State) -> None:
        """A group ends: what it had in hexadecimal is complete."""
        self._skipping = 0
        if self._hex and state.spot != outer.spot and state.spot in ("pict", "objdata"):
            digits = b"".join(self._hex).translate(None, b" \t\r\n\0\x0b\x0c")
            self._hex.clear()
            try:
                self.binaries.append((state.spot, binascii.unhexlify(digits[: len(digits) & ~1])))
            except binascii.Error:
                self.whole = False
        if outer.spot != state.spot and state.spot in self.spots and state.spot != "htmltag":
            self.spots[state.spot].append("\n")


_SILENT = frozenset(word.decode("ascii") for word in _BYTES) | {"pict", "objdata"}


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    reader = _Reader()
    reader.read(part.data)
    place = Place(part.path)
    if not reader.whole:
        yield Problem(Trouble.DAMAGED, place, "a rich text file that is damaged")
    for spot, pieces in reader.spots.items():
        text = _joined(pieces)
        if text.strip() and spot != "htmltag":
            yield Text(Place(part.path, spot), text, Medium.DOCUMENT)
    yield from tables_within.placed(reader.grid.tables.all(), part.path)
    if reader.page:
        page = _joined(reader.page).encode("utf-8")
        yield Part(f"{part.path}!body.html", page, "text/html", charset="utf-8")
    for number, (spot, data) in enumerate(reader.binaries, 1):
        path = f"{part.path}!({number})"
        if spot == "objdata":
            yield from objects.native(data, path)
        elif data:
            yield Part(path, data)


def _joined(pieces: list[str]) -> str:
    """Letters beyond the first 65 536 come in two halves."""
    text = "".join(pieces)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


EXTRACTOR = Extractor(("rtf",), extract)
