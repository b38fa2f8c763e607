"""What a worker does for encryption: a message to what is locked afterwards, outside of the worker,
with a secret that it never has.

    order, message ──worker──▶ Reading: as hits, a piece of the result in base64; the last is "end"

The order is "pdf" (tagged pages with the message's files in them) or "zip" (an archive of its text
and files). Tried in three ways, each drawing less of what came from outside: what breaks a worker
or takes its time is not tried again by the next one. The last draws nothing of it and cannot fail.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from gateway import sheet_order
from gateway.act import contents
from gateway.act.letterhead import letterhead
from gateway.model import Limits, Place, Problem, Reading, Trouble
from gateway.page import document, faces, pictures
from gateway.page.document import Look

PDF, ZIP = "pdf", "zip"
TEXT, FILES = "message.txt", "pieces-jointes"
RICH, SIMPLE, BARE = range(3)  # as parts are numbered: what broke stays closed

_SPECIMEN = b"""\
Subject: =?utf-8?q?R=C3=A9p=C3=A9tition?=\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=x\r
\r
--x\r
Content-Type: text/html; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
<h1>=C3=80 lire</h1><ul><li><b>un</b></ul><table><tr><th>a<th>b<tr><td>1<td>2</table>\r
<img src=3D"data:image/gif;base64,R0lGODlhAgACAIAAAAAAAP///yH5BAAAAAAALAAAAAACAAIAAAIDRAIFADs=3D">\r
--x\r
Content-Type: text/csv; name="=?utf-8?q?=C3=A9t=C3=A9.csv?="\r
Content-Disposition: attachment\r
\r
a;b\r
--x--\r
"""

_look = Look()  # of this worker's organisation; set once, by the zygote


def warm(told: str) -> None:
    """told: name, colour and the path of the logo, as JSON."""
    global _look
    name, colour, logo = json.loads(told)
    data = None
    with suppress(OSError):  # a page without it is still a page
        data = Path(logo).read_bytes() if logo else None
    _look = Look(name, colour, data)
    pictures.warm()
    faces.warm()
    for order in (PDF, ZIP):  # libraries load what they need at first use, which no worker can
        _MAKERS[order](_SPECIMEN, RICH)


def read(
    content: bytes, limits: Limits, broken: Mapping[int, Trouble], at: Callable[[int], None]
) -> Reading:
    """What the worker does with what it is given."""
    order, _, mail = content.partition(b"\n")
    make = _MAKERS.get(order.decode("ascii", "replace"), _pages)
    for way in (RICH, SIMPLE, BARE):
        if way in broken:
            continue
        at(way)
        with suppress(Exception, MemoryError):  # of what anybody may have written
            return Reading(tuple(sheet_order.hits(make(mail, way))))
    return Reading(problems=(Problem(Trouble.CRASHED, Place(""), "it cannot be laid out"),))


def _pages(mail: bytes, way: int) -> bytes:
    if way == BARE:
        return document.bare(_look)
    make = document.rich if way == RICH else document.simple
    return make(_look, letterhead(mail), contents.read(mail))


def _archive(mail: bytes, way: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if way != BARE:
            shown = contents.read(mail)
            head = "".join(f"{label} : {value}\r\n" for label, value in letterhead(mail))
            archive.writestr(TEXT, f"{head}\r\n{shown.text}".encode("utf-8-sig", "replace"))
            for file in shown.files:
                archive.writestr(f"{FILES}/{file.name}", file.data)
    return out.getvalue()


_MAKERS = {PDF: _pages, ZIP: _archive}
