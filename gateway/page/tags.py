"""The structure of a PDF (ISO 32000-2, 14.7 and 14.8), for whoever has it read aloud: what is a
heading, a paragraph, a list, a table, a picture with its words, and in which order.

reportlab draws and knows nothing of it: the sheet marks what it draws with numbers, and here the
tree that refers to them is put into the finished file. A sender's headings may skip levels, these
do not (PDF/UA, ISO 14289-1, 7.4.2). Whether the whole is PDF/UA is not claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pikepdf


@dataclass(slots=True, repr=False)
class Node:
    """tag: a standard one. marks: (page, number) of what was drawn for it. alt: of a picture. box:
    where that stands, in points."""

    tag: str
    kids: list[Node] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    alt: str = ""
    box: tuple[float, float, float, float] | None = None

    def new(self, tag: str) -> Node:
        kid = Node(tag)
        self.kids.append(kid)
        return kid


def put(pdf: pikepdf.Pdf, root: Node, numbers: Sequence[int], title: str) -> None:
    """numbers: how many marks each page has."""
    _level(root, 0)
    parents: list[list[pikepdf.Object]] = [[pdf.Root] * number for number in numbers]
    tree = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
    pages = [page.obj for page in pdf.pages]
    tree.K = pikepdf.Array([_element(pdf, root, tree, pages, parents)])
    numbered = pikepdf.Array()
    for number, (page, owners) in enumerate(zip(pages, parents, strict=True)):
        page.StructParents = number
        page.Tabs = pikepdf.Name.S
        numbered.append(number)
        numbered.append(pdf.make_indirect(pikepdf.Array(owners)))
    tree.ParentTree = pdf.make_indirect(pikepdf.Dictionary(Nums=numbered))
    tree.ParentTreeNextKey = len(pages)
    pdf.Root.StructTreeRoot = tree
    pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
    pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    pdf.Root.Lang = pikepdf.String("fr-FR")
    with pdf.open_metadata(set_pikepdf_as_editor=False) as told:
        told["dc:title"] = title


def _level(node: Node, before: int) -> int:
    """No heading stands more than one level below the one before it; the last one's level."""
    if node.tag[0] == "H" and node.tag[1:].isdecimal():
        before = min(int(node.tag[1:]), before + 1)
        node.tag = f"H{before}"
    for kid in node.kids:
        before = _level(kid, before)
    return before


def _element(
    pdf: pikepdf.Pdf,
    node: Node,
    parent: pikepdf.Object,
    pages: Sequence[pikepdf.Object],
    parents: list[list[pikepdf.Object]],
) -> pikepdf.Object:
    made = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name(f"/{node.tag}"), P=parent)
    )
    kids = pikepdf.Array()
    for page, number in node.marks:
        parents[page][number] = made
        kids.append(pikepdf.Dictionary(Type=pikepdf.Name.MCR, Pg=pages[page], MCID=number))
    for kid in node.kids:
        kids.append(_element(pdf, kid, made, pages, parents))
    made.K = kids
    if node.tag == "Figure":
        made.Alt = pikepdf.String(node.alt or "Image")
        if node.box:
            made.A = pikepdf.Dictionary(O=pikepdf.Name.Layout, BBox=pikepdf.Array(node.box))
    elif node.tag == "TH":
        made.A = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Column)
    return made
