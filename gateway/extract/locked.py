"""Office files under a password: opened where the password is one that programs know by heart.

Excel locks a workbook against changes with a password of its own, "VelvetSweatshop", and PowerPoint
with another: they open without asking, in every program. One that stands in the same mail opens it
as well, and is told; any other password is a Problem.

The library would import and write files while it decrypts; behind the wall there are none, so all
is imported here, and its temporary files are made in memory.
"""

from __future__ import annotations

import io
import re
import xml.dom.expatbuilder  # noqa: F401
from collections.abc import Iterator

import cryptography.hazmat.backends.openssl.backend  # noqa: F401
from msoffcrypto.format import doc97, ppt97, xls97
from msoffcrypto.format.ooxml import OOXMLFile

from gateway.extract import compound, passwords
from gateway.extract.compound import Compound
from gateway.model import Limits, Part, Place, Problem, Trouble

PACKAGE = "EncryptedPackage"

_KNOWN_BY_HEART = ("VelvetSweatshop", "/01Hannes Ruescher/01")
_RIGHTS = ("\x09DRMContent", "\x09DRMViewerContent")  # locked by a rights server
_GUESSES = 8  # of those that the mail gives, likeliest first: each takes a third of a second
_MOST_ROUNDS = 200_000  # of the key derivation; Office does 100 000
_DOCUMENT_TYPE = b"<!"  # entities: nothing that Office writes into the description of a lock
_rounds = re.compile(rb"""spinCount\s{0,9}=\s{0,9}["'](\d{1,12})["']""")


def rights_managed(file: Compound) -> bool:
    return any(file.get(name) for name in _RIGHTS) or any(
        "DRMEncryptedDataSpace" in path for path in file.streams
    )


def opened(file: Compound, part: Part, limits: Limits) -> Iterator[Part | Problem]:
    problem = Problem(Trouble.ENCRYPTED, Place(part.path), "an encrypted Office document")
    lock = file.get("EncryptionInfo")
    long = any(int(number) > _MOST_ROUNDS for number in _rounds.findall(lock))
    if rights_managed(file) or long or _DOCUMENT_TYPE in lock:
        yield problem
        return
    for password in (*_KNOWN_BY_HEART, *part.passwords[:_GUESSES]):
        if data := _tried(part.data, password):
            if password not in _KNOWN_BY_HEART:
                yield Problem(Trouble.OPENED, Place(part.path), passwords.OPENED)
            if len(data) > limits.member:
                yield Problem(Trouble.TOO_BIG, Place(part.path), "too big once decrypted")
            else:
                yield Part(f"{part.path}!(opened)", data, names=part.names[:1])
            return
    yield problem


class _InMemory:
    """In place of the module of temporary files."""

    TemporaryFile = io.BytesIO


for _format in (doc97, ppt97, xls97):
    _format.tempfile = _InMemory
_BY_KIND = {"doc": doc97.Doc97File, "ppt": ppt97.Ppt97File, "xls": xls97.Xls97File}


def _tried(data: bytes, password: str) -> bytes:
    """The file in clear, or nothing. The library says a wrong password in many ways."""
    out = io.BytesIO()
    kind = compound.kind(data)
    try:
        if kind == "locked":
            package = OOXMLFile(io.BytesIO(data))
            package.load_key(password=password, verify_password=True)
            package.decrypt(out)
        else:
            file = _BY_KIND[kind](io.BytesIO(data))
            file.load_key(password=password)
            file.decrypt(out)
    except Exception:
        return b""
    return out.getvalue()
