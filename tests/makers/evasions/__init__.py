"""Mails that hide a NIR from a filter: each way of MIME, header, encoding, character set and HTML
known to us, in its variants. Every one is either to be found or to be held.

    for case in cases(): case.content

The number before the slash is the family: 01 two transfer encodings, 02 a list of them, and so on.
Mails are written with LF; `with_crlf` gives the other form. Those in which the line ends are the
trick are the same in both.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.makers.evasions import (
    boundaries,
    characters,
    claims,
    encodings,
    lines,
    others,
    pages,
    wrapped,
)


@dataclass(frozen=True, slots=True)
class Case:
    """exact: the line ends are part of the trick, and stay as they are."""

    name: str
    content: bytes
    exact: bool = False

    def with_crlf(self) -> bytes:
        return self.content if self.exact else self.content.replace(b"\n", b"\r\n")


def cases() -> list[Case]:
    """All of them, in the order of the families, none twice."""
    found: dict[bytes, Case] = {}
    for family, (make, exact) in _FAMILIES.items():
        for name, content in make():
            found.setdefault(content, Case(f"{family}/{name}", content, exact))
    return list(found.values())


_FAMILIES = {
    "01-two-encodings": (claims.two_encodings, False),
    "02-list-of-encodings": (claims.list_of_encodings, False),
    "03-invalid-encodings": (claims.invalid_encodings, False),
    "04-comments-in-encodings": (claims.comments_in_encodings, False),
    "05-encoded-words": (claims.encoded_words, False),
    "06-control-characters": (claims.control_characters, False),
    "07-two-types": (boundaries.two_types, False),
    "08-two-boundaries": (boundaries.two_boundaries, False),
    "09-comments-in-boundaries": (boundaries.comments_in_boundaries, False),
    "10-parameter-pieces": (boundaries.parameter_pieces, False),
    "11-quoted-boundaries": (boundaries.quoted_boundaries, False),
    "12-boundary-elsewhere": (boundaries.boundary_elsewhere, False),
    "13-odd-field-names": (boundaries.odd_field_names, False),
    "14-nested-boundaries": (boundaries.nested_boundaries, False),
    "15-outside-of-parts": (boundaries.outside_of_parts, False),
    "16-line-ends": (lines.line_ends, True),
    "17-separators": (lines.separators, False),
    "18-folds": (lines.folds, False),
    "19-misspelt-multiparts": (boundaries.misspelt_multiparts, False),
    "20-padded-base64": (encodings.padded_base64, False),
    "21-junk-in-base64": (encodings.junk_in_base64, False),
    "22-line-lengths": (encodings.line_lengths, False),
    "23-base64-without-a-word": (encodings.base64_without_a_word, False),
    "24-quoted-printable-faults": (encodings.quoted_printable_faults, False),
    "25-uuencoded": (encodings.uuencoded, False),
    "26-yencoded": (encodings.yencoded, False),
    "27-other-encodings": (encodings.other_encodings, False),
    "28-30-names": (wrapped.names, False),
    "31-messages-within": (wrapped.messages_within, False),
    "32-33-pieces-of-messages": (wrapped.pieces_of_messages, False),
    "36-37-alternatives": (wrapped.alternatives, False),
    "38-hidden-in-html": (pages.hidden_in_html, False),
    "39-split-in-html": (pages.split_in_html, False),
    "40-look-alikes": (characters.look_alikes, False),
    "41-character-sets": (characters.character_sets, False),
    "42-smuggled": (others.smuggled, False),
    "44-too-much": (others.too_much, False),
    "52-split-data": (others.split_data, False),
}
