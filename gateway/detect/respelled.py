r"""Letters that programs spell in their own way, or have read in the wrong one, given back.

    d\u00e9pression  d\xe9pression  d\xc3\xa9pression  d\303\251pression     source, JSON and logs
    d&eacute;pression  d%C3%A9pression  d=C3=A9pression          HTML, addresses and forms, raw mail
    dÃ©pression  d√©pression  d├®pression      UTF-8 taken by Windows, a Macintosh, DOS as their own
    d‚pression  dŽpression                             what DOS, a Macintosh wrote, taken by Windows
    d�pression  d?pression                             the letter is lost: most often it was an é

A person reads through all of these, so detectors must. Between digits the lost one was a blank
that keeps them together ("2?61?03"). Any other text stays as it is and pays next to nothing: each
way has a sign that few texts hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from itertools import chain, islice, product

from gateway.model import Table, Text

_BACKSLASH = re.compile(
    r"\\\\?+(?:u([0-9a-fA-F]{4})|(?:u\{|U00)([0-9a-fA-F]{1,6})\}?"
    r"|(x[0-9a-fA-F]{2}(?:\\\\?+x[0-9a-fA-F]{2})*+)|(3[0-7]{2}(?:\\\\?+2[0-7]{2}){1,3}+))"
)
_ENTITY = re.compile(r"&(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[a-zA-Z][a-zA-Z0-9]{1,7});")
_PERCENT = re.compile(r"%(?:u([0-9a-fA-F]{4})|[0-9a-fA-F]{2}(?:%[0-9a-fA-F]{2})*+)")
_FORM = re.compile(r"&[A-Za-z_]\w{0,40}=")
_WORD = re.compile(r"\S+")
_QUOTED = re.compile(
    r"=(?:C[23]=[89AB][0-9A-F]|E[0-9A-F](?<=[a-z]=..)(?=[a-z])|A0(?<=[0-9]=A0)(?=[0-9]))"
)
_QUOTED_ANY = re.compile(r"=(?:\r?\n|[0-9A-F]{2}(?:=[0-9A-F]{2})*+)")
_LOST = re.compile(r"\?{1,2}+(?=[a-zA-Z0-9])")
_GONE = re.compile(r"\ufffd++")
_NO_PROSE = re.compile(r"[/=&@<>(\[]")  # of an address, or of a program
# The letters of DOS and of the Macintosh that are none in French when Windows or Unix reads them.
_OLD = dict(zip("‚ŽŠˆ‡\x82\x8a\x88\x87\x8e\x8f\x90\x8d", "ééèêçéèêçéèêç", strict=True))
_OF_OLD = re.compile(r"(?<=[a-z])[‚ŽŠˆ‡\x82\x8a\x88\x87\x8e\x8f\x90\x8d]|[\x82\x8e\x90](?=[a-z])")
_WORD_SEEN = 40  # characters each way
_TIMES = 3  # one wrong reading upon the other, at most
_BETWEEN = "\x1f"  # cells


def piece(read: Text | Table) -> Text | Table:
    """With its letters given back; the same object where there are none."""
    return _text(read) if isinstance(read, Text) else _table(read)


def _text(read: Text) -> Text:
    text = letters(read.text)
    return read if text is read.text else replace(read, text=text)


def _table(read: Table) -> Table:
    """Its cells as one text: few tables have any, and cells are many."""
    cells = [*read.header, *chain.from_iterable(read.rows)]
    joined = _BETWEEN.join(cells)
    text = letters(joined)
    if text is joined:
        return read
    told = text.split(_BETWEEN)
    told = told if len(told) == len(cells) else list(map(letters, cells))
    each = iter(told)
    header = tuple(islice(each, len(read.header)))
    return replace(
        read, header=header, rows=tuple(tuple(islice(each, len(row))) for row in read.rows)
    )


def letters(text: str) -> str:
    """The same object where there is nothing to give back."""
    told = text
    if "\\" in told:
        told = _BACKSLASH.sub(_of_backslash, told)
    if "&" in told:
        if _FORM.search(told):
            told = _WORD.sub(_of_form, told)
        told = _ENTITY.sub(lambda found: _shown(unescape(found[0])), told)
    if "%" in told:
        told = _PERCENT.sub(_of_percent, told)
    if "=" in told and _QUOTED.search(told):
        told = _QUOTED_ANY.sub(_of_quoted, told)
    if told.isascii():
        if "?" in told:  # who lost one accent lost all
            told = _LOST.sub(_guessed_in_prose, told)
    else:
        told = _of_wrong_sets(told)
    return text if told == text else told


def _of_wrong_sets(text: str) -> str:
    """Each behind signs that such a text holds, and that are soon looked for: an é among them."""
    if "Ã" in text or "Â" in text:
        text = _OF_WINDOWS(text)
    if "√" in text or "¬" in text:
        text = _OF_MACINTOSH(text)
    if "├" in text:
        text = _OF_DOS(text)
    if "‚" in text or "Ž" in text or "\x82" in text or "\x8e" in text or "\x8a" in text:
        text = _OF_OLD.sub(lambda found: _OLD[found[0]], text)
    if "\ufffd" in text:
        text = _GONE.sub(_guessed, text)
    return text


def _shown(letter: str) -> str:
    """No control character, which would end a line or a cell, and no half of a letter."""
    return letter if letter.isprintable() or (letter.isspace() and letter > "\x7f") else " "


def _of_backslash(found: re.Match[str]) -> str:
    short, long, of_bytes, octal = found.groups()
    if short or long:
        code = int(short or long, 16)
        return _shown(chr(code)) if code <= 0x10FFFF else found[0]
    if of_bytes:
        data = bytes.fromhex(of_bytes.replace("\\", "").replace("x", ""))
        return "".join(map(_shown, _decoded(data)))
    data = bytes(int(one, 8) for one in octal.replace("\\\\", "\\").split("\\"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _of_form(found: re.Match[str]) -> str:
    """nom=TEST&prenom=Anne+Marie: a line for each field."""
    word = found[0]
    if "://" in word or not ("+" in word or "%" in word) or not _FORM.search(word):
        return word
    return word.replace("+", " ").replace("&", "\n")


def _of_percent(found: re.Match[str]) -> str:
    """Letters and signs; "0,9%10 ml" stays, as does "5%50 ml"."""
    if found[1]:
        return _shown(chr(int(found[1], 16)))
    data = bytes.fromhex(found[0].replace("%", ""))
    letter = _decoded(data)
    plain = letter.isprintable() and not any(one.isascii() and one.isalnum() for one in letter)
    return letter if plain else found[0]


def _of_quoted(found: re.Match[str]) -> str:
    if found[0][1:].isspace():
        return ""
    return "".join(map(_shown, _decoded(bytes.fromhex(found[0].replace("=", "")))))


def _guessed(found: re.Match[str]) -> str:
    before = found.string[found.start() - 1 : found.start()]
    after = found.string[found.end() : found.end() + 1]
    if before.isdigit() and after.isdigit():
        return " "
    return "é" if before.isalpha() or after.isalpha() else found[0]


def _guessed_in_prose(found: re.Match[str]) -> str:
    before = found.string[max(0, found.start() - _WORD_SEEN) : found.start()]
    after = found.string[found.end() : found.end() + _WORD_SEEN]
    if not before or before[-1].isspace() or not before[-1].isalnum():
        return found[0]  # a question, or an address
    word = before.split()[-1] + after.split()[0]
    return found[0] if _NO_PROSE.search(word) else _guessed(found)


def _misreading(codec: str) -> Callable[[str], str]:
    """Gives back the letters of UTF-8 that were read in the character set `codec`: what has an
    accent in French takes two bytes there, a typographic sign three."""
    chars = {code: {bytes((code,)).decode(codec, "replace")} for code in range(0x80, 0x100)}
    for code in range(0x80, 0xA0):
        chars[code].add(chr(code))  # in Latin-1, and where the character set has none
    after = range(0x80, 0xC0)
    letter_of = {
        "".join(read): bytes(written).decode("utf-8", "replace")
        for starts in (((0xC2, 0xC3, 0xC5, 0xC6, 0xCB),), ((0xE2,), (0x80, 0x82, 0x84)))
        for written in product(*starts, after)
        for read in product(*map(chars.__getitem__, written))
    }
    starts = "|".join(sorted({re.escape(read[:-1]) for read in letter_of}))
    ends = "".join(sorted({re.escape(read[-1]) for read in letter_of}))
    pattern = re.compile(f"(?:{starts})[{ends}]")

    def given_back(text: str) -> str:
        for _ in range(_TIMES):
            text, times = pattern.subn(lambda found: letter_of.get(found[0], found[0]), text)
            if not times:
                break
        return text

    return given_back


_OF_WINDOWS = _misreading("cp1252")
_OF_MACINTOSH = _misreading("mac_roman")
_OF_DOS = _misreading("cp850")
