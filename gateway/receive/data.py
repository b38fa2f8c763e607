"""The content after DATA, from whatever pieces the network gives (RFC 5321, 4.1.1.4 and 4.5.2).

Only CRLF.CRLF ends it. Servers that also took LF.CRLF, LF.LF or CR.CR for the end let a sender
smuggle a second mail past them (CVE-2023-51764 and kin); so a bare CR or LF is told, and the door
refuses the whole. Lines have no maximum, NUL and 8-bit octets pass.

Each octet is searched once for a dot, once for the end and once for newlines, all in C: in 5 MB
of base64, counting CR, LF and CRLF would alone take 12 ms, the newline decoder of `io` takes 4.
"""

from __future__ import annotations

import io

_END = b"\r\n.\r\n"
_STUFFED = b"\r\n."
_KEEP = len(_END) - 1  # octets at the edge of a piece that may be the beginning of the end


class Data:
    """Feed it until it gives back what follows the end, then ask for the `content`.

    Beyond `limit` octets of content nothing is stored any more (`too_big`).
    """

    __slots__ = (
        "_blocks",
        "_dotted",
        "_edge",
        "_foreign",
        "_limit",
        "_newlines",
        "_stored",
        "too_big",
    )

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._blocks: list[bytes] = []
        self._stored = 0
        self._edge = b"\r\n"  # as if a line had ended before: a dot may come first
        self._foreign = len(self._edge)
        self._dotted = False
        self._newlines = io.IncrementalNewlineDecoder(None, translate=False)
        self.too_big = False

    def feed(self, piece: bytes) -> bytes | None:
        """None: more is to come. Else the octets after the end, perhaps the next commands."""
        block = self._edge + piece
        end = self._find_end(block)
        if end >= 0:
            self._keep(block[: end + 2])
            return block[end + len(_END) :]
        self._keep(block[:-_KEEP])
        self._edge = block[-_KEEP:]
        return None

    def drop(self) -> None:
        """Read on to the end without storing anything."""
        self._blocks.clear()
        self._limit = -1

    @property
    def bare_newline(self) -> bool:
        """Whether some CR or LF stood alone. Meaningful at the end, unless octets were dropped."""
        return self._newlines.newlines not in (None, "\r\n")

    def content(self) -> bytes:
        """The message, dots unstuffed; call it once, at the end."""
        content = b"".join(self._blocks)
        self._blocks.clear()
        if self._dotted:
            content = (b"\r\n" + content).replace(_STUFFED, b"\r\n")[2:]
        self.too_big = self.too_big or len(content) > self._limit
        return content

    def _find_end(self, block: bytes) -> int:
        if b"." not in block:
            return -1
        if self._dotted:
            return block.find(_END)
        dot = block.find(_STUFFED)
        if dot < 0 or block.startswith(_END, dot):
            return dot
        self._dotted = True
        return block.find(_END, dot)

    def _keep(self, block: bytes) -> None:
        if self._foreign:
            block, self._foreign = block[self._foreign :], max(0, self._foreign - len(block))
        self._stored += len(block)
        if self._stored > self._limit + self._limit // 3:  # stuffing adds a third at most
            self.too_big = True
            self._blocks.clear()
            return
        self._newlines.decode(block.decode("latin-1"))
        self._blocks.append(block)
