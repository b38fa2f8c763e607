"""Tables written as text (.csv, .tsv): RFC 4180, and what spreadsheets write instead."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from gateway.extract import characters, delimited, records
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.tables import table
from gateway.model import Limits, Medium, Part, Place, Text


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    for text in characters.readings(part.data, part.charset):
        dumped = tuple(records.tables(place, text))
        yield from dumped
        separator = delimited.delimiter_of(text[:65_536])
        try:
            rows = delimited.rows(text, separator) if separator else []
        except csv.Error:  # a quote that is never closed, for one
            rows = []
        if rows:
            yield table(place, rows)  # the more so where its cells hold JSON
        if dumped or not rows:
            yield Text(place, text, Medium.DOCUMENT)


EXTRACTOR = Extractor(("csv",), extract)
