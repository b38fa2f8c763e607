"""XML of office documents to text: no entities, no network, no document type.

Runs are joined, since a word processor cuts a number in two when half of it is bold; paragraphs end
lines. Whatever the vocabulary, every text of the file comes out once, and so do the attributes in
which office programs keep words.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

_PARAGRAPHS = frozenset(("p", "h", "si", "comment", "definedName"))
_BLANKS = frozenset(("tab", "br", "cr", "s", "line-break", "noBreakHyphen"))
_CELLS = frozenset(("tc", "table-cell"))
_MARKS = tuple(sorted(_PARAGRAPHS | _BLANKS | _CELLS))

# Attributes that are words: alternative texts, authors, values of caches and document variables,
# and links to elsewhere.
_WORDS = ("descr", "title", "alt", "author", "initials", "placeholder", "v")
_TRACES = (
    b"descr=",
    b"title=",
    b"alt=",
    b"author=",
    b"initials=",
    b"placeholder=",
    b" v=",
    b"docVar",
    b"Target=",
    b"href=",
)
_attributes = etree.XPath(
    "descendant-or-self::*/@*["
    + " or ".join(f"local-name()='{name}'" for name in _WORDS)
    + " or (local-name()='val' and local-name(..)='docVar')"
    + " or ((local-name()='Target' or local-name()='href') and contains(., ':'))]"
)


@dataclass(frozen=True, slots=True)
class Words:
    """whole: whether the file could be read to its end."""

    text: str
    attributes: str
    whole: bool


def elements(data: bytes, *names: str) -> Iterator[etree._Element]:
    """The elements of these names, whatever their namespace, each once it is complete.

    The only way XML is parsed here. Raises etree.XMLSyntaxError, also for a deep nest.
    """
    for _, element in _iterparse(data, names):
        yield element


def _iterparse(data: bytes, names: tuple[str, ...]) -> etree.iterparse:
    return etree.iterparse(
        io.BytesIO(data),
        events=("end",),
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def words(data: bytes) -> Words:
    """Never raises for what the file holds. A file with entities is not whole."""
    lines: list[str] = []
    attributes: list[str] = []
    parser = _iterparse(data, _MARKS)
    whole = b"<!ENTITY" not in data
    telling = any(trace in data for trace in _TRACES)  # most files have none; looking is dear
    try:
        for _, element in parser:
            name = local(element)
            if name in _BLANKS:
                element.text = "\t" if name == "tab" else " "
            elif name in _PARAGRAPHS:
                attributes += _words_in_tags(element) if telling else ()
                lines.append(text_of(element))
                element.clear(keep_tail=True)
            elif lines and len(element) == 0:
                lines[-1] += "\t"
        root = parser.root
    except etree.XMLSyntaxError:
        whole, root = False, None
    if root is not None:
        attributes += _words_in_tags(root) if telling else ()
        lines += [str(text) for text in root.itertext() if text.strip()]
    return Words("\n".join(lines), "\n".join(dict.fromkeys(attributes)), whole)


def _words_in_tags(element: etree._Element) -> list[str]:
    found = _attributes(element)
    return [str(value) for value in found] if isinstance(found, list) else []


def local(element: etree._Element) -> str:
    """The name without its namespace: transitional and strict documents differ in it."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(element: etree._Element) -> str:
    """All the text within, in order."""
    return "".join(map(str, element.itertext()))
