"""Write docs/formats.md from the tables of tests/unit/extract: what is read, format by format.

    python -m tools.formats_page          writes it; a test says when it is out of date

A place stands in the page because a test finds a number there; nothing is written by hand but the
names of columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.extract import kind
from gateway.extract.extractor import extractors
from gateway.model import DEFAULT_LIMITS, Part, Table
from tests.unit.extract import (
    test_archives,
    test_dicom,
    test_exchanges,
    test_hidden_in_packages,
    test_hidden_places,
    test_locked,
    test_locks,
    test_ocr,
    test_pdf,
    test_records,
    test_records_of_programs,
    test_signals,
    test_signed_files,
    test_tables_within,
    test_text_formats,
)

PAGE = Path(__file__).parents[1] / "docs" / "formats.md"
HEAD = """\
# What is read, format by format

Written by `make pages` from the tables of `tests/unit/extract`, each line of which a test holds.
A format that is not here is `unsupported` or `no_text`, which rules may hold; what this version
cannot read of those that are here stands in docs/known-limits.md. Type is told by content, never
by name or label.

"""
WITHIN = ("embedded", "packaged", "attached", "a file on", "put in", "picture")


def documents() -> Mapping[str, Mapping[str, bytes]]:
    """By format: a file for each place where words can stand."""
    found: dict[str, dict[str, bytes]] = defaultdict(dict)
    for table in (test_hidden_places.PLACES, test_hidden_in_packages.PLACES):
        for name, data in table.items():
            form, _, place = name.partition("/")
            found[form][place] = data
    found["pdf"] = dict(test_pdf.PLACES)
    return dict(sorted(found.items()))


def gives_tables(files: Mapping[str, bytes]) -> bool:
    """Whether rows come as rows, for the detectors of tables."""
    for data in files.values():
        part = Part("1", data)
        for one in kind.kinds(part):
            extract = extractors().get(one)
            if extract and any(isinstance(p, Table) for p in extract(part, DEFAULT_LIMITS)):
                return True
    return False


def page() -> str:
    return HEAD + "\n".join([*_documents(), *_lists(), ""])


def _documents() -> Iterator[str]:
    yield "| document | places found | tables as rows | files within |"
    yield "|---|--:|---|---|"
    for form, files in documents().items():
        within = [place for place in files if any(word in place for word in WITHIN)]
        rows = "yes" if form in test_tables_within.FILES or gives_tables(files) else ""
        yield f"| {form} | {len(files)} | {rows} | {', '.join(within)} |"
    yield ""
    for form, files in documents().items():
        yield f"- **{form}**: {', '.join(files)}"


def _lists() -> Iterator[str]:
    for title, names in (
        ("Archives", test_archives.READ),
        ("Archives that are told, since they cannot be read whole", test_archives.TOLD),
        ("Signed files (CMS)", test_signed_files.READ),
        ("Mailboxes, cards and calendars", test_text_formats.READ),
        (
            "Data as programs write it, given as rows (XML and LDIF too)",
            {
                **test_records.DUMPS,
                **test_records_of_programs.PAIRS,
                **test_records_of_programs.BARE,
                **test_records_of_programs.GROUPS,
            }
            | {f"columns of {name}": None for name in test_records_of_programs.COLUMNS},
        ),
        ("Locked, opened with a word of the same mail, and told", test_locks.LOCKED),
        ("Locked with what the program itself tries, read as if not locked", test_locked.OPEN),
        ("Locked, told as encrypted", test_locked.SHUT),
        ("Images of the body (DICOM), for whose they are", test_dicom.READ),
        ("Documents and data of health (CDA, XDM, FHIR)", test_exchanges.READ),
        ("Signals of the body", test_signals.READ | test_signals.SAID),
        ("Scans, at 200 and 300 dpi", test_ocr.WAYS),
        ("Pictures with words", test_ocr.PICTURES),
        ("Codes", test_ocr.CODES),
    ):
        yield from ("", f"## {title}", "", "; ".join(names) + ".")


if __name__ == "__main__":
    PAGE.write_text(page())
