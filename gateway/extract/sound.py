"""Sound and film: dictations, messages of an answering machine, what a telephone has filmed.

Nobody listens to them here, so they are told as what they are, apart from unknown formats: whoever
declares his typists a partner may send them dictations, and nothing else that was not read.
Known by the first bytes of their formats; where libmagic is installed it knows a few more. What the
tags within them say (a title, a singer) is not read either.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Part, Place, Problem, Trouble

_BEGINNINGS = (  # none that a text could have
    b"OggS\0",
    b"fLaC\0",
    b"ID3\2",  # MP3 with its title
    b"ID3\3",
    b"ID3\4",
    b"#!AMR",  # of a telephone
    b".snd\0",
    b"MThd\0",
    b"FLV\1",
    b"\x1aE\xdf\xa3",  # WebM, Matroska
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # WMA, WMV
    b"\0\0\1\xba",  # MPEG, of a camera or a DVD
    b"\0\0\1\xb3",
)
_RIFFS = {b"RIFF": (b"WAVE", b"AVI "), b"RF64": (b"WAVE",), b"FORM": (b"AIFF", b"AIFC")}
_BOXES = (b"ftyp", b"moov")  # MP4, M4A, QuickTime, 3GP, after a length of four bytes
# The first bytes of a frame of MP3 (layer III of MPEG 1 and 2) and of AAC without a container.
_FRAMES = (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9")
_OF_AAC = (b"\xff\xf1", b"\xff\xf9")


def begins(data: bytes) -> bool:
    return (
        data.startswith(_BEGINNINGS)
        or data[8:12] in _RIFFS.get(data[:4], ())
        or (data[:2] == b"\0\0" and data[4:8] in _BOXES)
        or _is_frame(data[:4])
    )


def _is_frame(head: bytes) -> bool:
    if head[:2] not in _FRAMES or len(head) < 4:
        return False
    if head[:2] in _OF_AAC:
        return head[2] >> 2 & 0xF < 13  # sampling frequencies there are
    return 0 < head[2] >> 4 < 15 and head[2] >> 2 & 3 < 3  # likewise, and bits a second


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    yield Problem(Trouble.SOUND, Place(part.path), "sound or film, which nobody listens to here")


EXTRACTOR = Extractor(("media",), extract)
