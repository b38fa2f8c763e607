"""How a message is put together from lines; nothing is encoded unless asked for."""

from __future__ import annotations

import base64
import quopri
import re
from random import Random

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def entity(*lines: str | bytes, body: bytes = b"") -> bytes:
    """A header of these lines, folded as they are, an empty line, and the body."""
    header = b"".join((n if isinstance(n, bytes) else n.encode()) + b"\n" for n in lines)
    return header + b"\n" + body


def multipart(
    boundary: str, *pieces: bytes, preamble: str = "", epilogue: str = "", gap: str = "\n"
) -> bytes:
    """The body of a multipart. gap: what stands between a part and the next delimiter."""
    delimiter = f"--{boundary}".encode()
    body = b"".join(delimiter + b"\n" + piece + gap.encode() for piece in pieces)
    return preamble.encode() + body + delimiter + b"--\n" + epilogue.encode()


def b64(data: bytes, width: int = 76) -> bytes:
    """Base64 in lines; some clients wrap at 60, 72 or 78, some scripts not at all (0)."""
    letters = base64.b64encode(data)
    if not width:
        return letters + b"\n"
    return b"".join(letters[at : at + width] + b"\n" for at in range(0, len(letters), width))


def qp(text: str, charset: str = "utf-8") -> bytes:
    return quopri.encodestring(text.encode(charset))


def words(text: str, charset: str = "utf-8", letter: str = "B", size: int = 30) -> str:
    """RFC 2047, whole characters, one word a line."""
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    return "\n ".join(_word(piece.encode(charset), charset, letter) for piece in pieces)


def cut_words(text: str, charset: str = "utf-8", letter: str = "B", size: int = 19) -> str:
    """The same cut by bytes, so that characters are torn in two, as many clients do."""
    data = text.encode(charset)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return "\n ".join(_word(piece, charset, letter) for piece in pieces)


def _word(data: bytes, charset: str, letter: str) -> str:
    if letter.upper() == "B":
        payload = base64.b64encode(data).decode()
    else:
        payload = "".join(chr(b) if chr(b) in _LETTERS else f"={b:02X}" for b in data)
        payload = payload.replace("=20", "_")
    return f"=?{charset}?{letter}?{payload}?="


def percent(text: str, charset: str = "utf-8") -> str:
    """As RFC 2231 wants it, without the charset in front."""
    return "".join(
        chr(b) if chr(b) in _LETTERS + "._-" else f"%{b:02X}" for b in text.encode(charset)
    )


def numbered(name: str, parameter: str, *, charset: str = "utf-8", size: int = 50) -> list[str]:
    """RFC 2231 in numbered pieces, none of them ending within an escape: ["filename*0*=…", …]."""
    coded = f"{charset}''{percent(name, charset)}"
    chunks = [""]
    for piece in re.findall(r"%..|[^%]", coded):
        if len(chunks[-1]) + len(piece) > size:
            chunks.append("")
        chunks[-1] += piece
    if len(chunks) == 1:
        return [f"{parameter}*={coded}"]
    return [f"{parameter}*{number}*={chunk}" for number, chunk in enumerate(chunks)]


def token(rng: Random, length: int, letters: str = _LETTERS) -> str:
    return "".join(rng.choices(letters, k=length))


def digits(rng: Random, length: int) -> str:
    return token(rng, length, "0123456789")


def hexadecimal(rng: Random, length: int) -> str:
    return token(rng, length, "0123456789abcdef")


def folded(name: str, value: str, width: int = 76) -> str:
    """One long value without blanks, cut into lines: signatures, ARC seals, antispam reports."""
    lines = [value[at : at + width] for at in range(0, len(value), width)]
    return f"{name}: " + "\n ".join(lines)


def on_the_wire(message: bytes) -> bytes:
    return message.replace(b"\n", b"\r\n")
