"""The content as BDAT brings it: chunks of announced length, octet for octet (RFC 3030).

No octet of a chunk has a meaning of its own, so nothing in it can end it. What came whole must
still leave by DATA, where CR and LF alone have no place: they are told, as `data` tells them, and
the door refuses the mail. DATA has no unfinished line either: the last one gets its CRLF here,
before anybody reads the mail; signatures do not see it (RFC 6376, 3.4.3 and 3.4.4).

One block of memory, not one for each chunk: a mail may come an octet at a time.
"""

from __future__ import annotations

import io

from gateway.receive.wording import Refusal

_MOST_DIGITS = 18  # of a chunk's size: more octets than there are disks


def chunk_size(argument: str) -> tuple[int, bool]:
    """(1000, True) of "1000 LAST"."""
    words = argument.split()
    right = words and words[0].isascii() and words[0].isdigit() and len(words[0]) <= _MOST_DIGITS
    if not right or [word.upper() for word in words[1:]] not in ([], ["LAST"]):
        raise Refusal(501, "5.5.4", "Syntaxe : BDAT taille [LAST]")
    return int(words[0]), len(words) > 1


class Chunks:
    """Say what to `expect`, then feed it until it gives back what follows that chunk; at the end,
    ask for the `content`.

    Beyond `limit` octets nothing is stored any more (`too_big`). last: no chunk comes after it.
    """

    __slots__ = ("_content", "_left", "_limit", "_newlines", "last", "too_big")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = 0
        self._content = bytearray()
        self._newlines = io.IncrementalNewlineDecoder(None, translate=False)
        self.last = False
        self.too_big = False

    def expect(self, octets: int, *, last: bool) -> None:
        self._left, self.last = octets, last
        self.too_big = self.too_big or len(self._content) + octets > self._limit
        if self.too_big:
            self._content.clear()

    def feed(self, piece: bytes) -> bytes | None:
        """None: more of this chunk is to come. Else the octets after it."""
        taken, rest = piece[: self._left], piece[self._left :]
        self._left -= len(taken)
        if not self.too_big:
            self._content += taken
            self._newlines.decode(taken.decode("latin-1"))
        return None if self._left else rest

    def drop(self) -> None:
        """Read on to the end without storing anything."""
        self._content.clear()
        self.too_big = True

    @property
    def bare_newline(self) -> bool:
        """Whether some CR or LF stood alone. Ask at the end, once."""
        self._newlines.decode("", final=True)  # a CR may be the last octet of all
        return self._newlines.newlines not in (None, "\r\n")

    def content(self) -> bytes:
        """The message; call it once, at the end."""
        if self._content and not self._content.endswith(b"\r\n"):
            self._content += b"\r\n"
        self.too_big = self.too_big or len(self._content) > self._limit
        content = bytes(self._content)
        self._content.clear()
        return content
