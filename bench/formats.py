"""What it costs to open attachments: one letter of 60 KB in each format, and a table of 1,500 rows.

    python bench/formats.py [--rounds 3]

Processor time of this process, without the wall: to open the file and give its text, then to search
it. MB/s are of the text that came out, so that formats can be compared; a scan is one page.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from statistics import median

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from gateway import inspection  # noqa: E402
from gateway.extract.libarchive import LIBRARY  # noqa: E402
from gateway.extract.ocr import engine  # noqa: E402
from gateway.model import DEFAULT_LIMITS  # noqa: E402
from tests.makers import archives, documents, excel, outlook, powerpoint, prose, word  # noqa: E402

LETTER = prose.mixture(Random(1), 60_000)
PARAGRAPHS = LETTER.splitlines()
ROWS = [["code", "libellé", "quantité", "prix"]] + [
    [f"A{number:05d}", PARAGRAPHS[number % len(PARAGRAPHS)][:30], number, number / 4]
    for number in range(1_500)
]


def files() -> Mapping[str, bytes]:
    pages = ["\n".join(PARAGRAPHS[start : start + 40]) for start in range(0, len(PARAGRAPHS), 40)]
    rtf = "".join(c if c.isascii() else rf"\u{ord(c)}?" for c in LETTER).replace("\n", r"\par ")
    slides = [powerpoint.word(paragraph) for paragraph in PARAGRAPHS]
    found = {
        "text": LETTER.encode(),
        "html": f"<html><body>{''.join(f'<p>{p}</p>' for p in PARAGRAPHS)}</body></html>".encode(),
        "csv": "\r\n".join(";".join(map(str, row)) for row in ROWS).encode(),
        "pdf": documents.pdf(*pages),
        "docx": documents.docx(LETTER),
        "odt": documents.odt(LETTER),
        "xlsx": documents.xlsx({"Stock": ROWS}),
        "doc": word.doc(LETTER),
        "xls": excel.xls(excel.workbook({"Stock": ROWS})),
        "ppt": powerpoint.ppt(*slides),
        "rtf": rf"{{\rtf1\ansi {rtf}}}".encode(),
        "msg": outlook.msg({outlook.BODY: LETTER}),
        "zip of a docx": documents.zip_of({"lettre.docx": documents.docx(LETTER)}),
        "gzip of a text": documents.gzip(LETTER.encode()),
    }
    if LIBRARY:
        found["7z of a text"] = archives.by_libarchive({"lettre.txt": LETTER.encode()}, "7zip")
    if engine():
        from tests.makers import scans

        letter = scans.letter(scans.nir(1))
        found["scan, 200 dpi"] = scans.saved(scans.page(letter, dpi=200))
    return found


def seconds(data: bytes, rounds: int) -> tuple[float, float, int]:
    """To open, to search what came out, and the octets of text that came out."""
    opening, both, size = [], [], 0
    for _ in range(rounds):
        began = time.process_time()
        parts = list(inspection.extracts("f", data, DEFAULT_LIMITS))
        opened = time.process_time()
        inspection.read_file("f", data, DEFAULT_LIMITS)
        both.append(time.process_time() - opened)
        opening.append(opened - began)
        size = sum(len(part.text.encode()) for part in parts)
        if any(part.problems for part in parts):
            print("not read whole", file=sys.stderr)
    return median(opening), max(median(both) - median(opening), 0.0), size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    inspection.warm()
    print("attachments: opened, then searched (processor time)\n")
    print(f"{'format':<16}{'file KB':>9}{'text KB':>9}{'open ms':>9}{'search ms':>11}{'MB/s':>7}")
    for name, data in files().items():
        opening, searching, size = seconds(data, chosen.rounds)
        speed = size / (opening + searching) / 1e6
        print(
            f"{name:<16}{len(data) / 1e3:9.0f}{size / 1e3:9.0f}{opening * 1e3:9.1f}"
            f"{searching * 1e3:11.1f}{speed:7.1f}"
        )


if __name__ == "__main__":
    main()
