"""HTML of mails as blocks: what a reader sees, in its order, and nothing that he does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.page import markup
from gateway.page.blocks import Grid, Picture, Rule, Words


def told(block):
    """A block as a line of a test."""
    match block:
        case Words():
            marks = "".join(("*" if run.bold else "") + run.text for run in block.runs)
            level = f"h{block.level} " if block.level else ""
            return f"{'>' * block.indent}{block.mark and block.mark + ' '}{level}{marks}"
        case Grid():
            rows = [[" / ".join(map(told, cell)) for cell in row] for row in block.rows]
            return [block.headed, *rows]
        case Picture():
            return f"[{block.data.decode()} {block.alt} {block.width}]"
        case Rule():
            return "---"


def blocks(html):
    cids = {"cid:a": b"A", "cid:b": b"B"}
    return [told(block) for block in markup.blocks(html, cids.get)]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>un<p>deux", ["un", "deux"]),
        ("un\n  deux<br>trois", ["un deux\ntrois"]),
        ("<h2>Titre</h2>suite", ["h2 Titre", "suite"]),
        ("a <b>gras</b> z", ["a *gras z"]),
        ("<ul><li>un<li>deux</ul>", [">• un", ">• deux"]),
        ("<ol><li>un<ul><li>x</ul><li>deux</ol>", [">1. un", ">>• x", ">2. deux"]),
        ("<li>seul", [">• seul"]),
        ("<blockquote>cité</blockquote>après", [">cité", "après"]),
        ("<pre>a\n  b</pre>", ["a\n  b"]),
        ("a<hr>b", ["a", "---", "b"]),
        ("l&apos;&eacute;t&eacute; &#233; &lt;b&gt;", ["l'été é <b>"]),
        (
            'avant<img src="cid:a" alt="Un  plan" width="80">après',
            ["avant", "[A Un plan 80]", "après"],
        ),
        ('<img src="cid:b" width="100%">', ["[B  0]"]),
    ],
)
def test_what_it_becomes(html, expected):
    assert blocks(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="https://x.example/a">ici</a>', ["ici (https://x.example/a)"]),
        ('<a href="https://x.example">https://x.example</a>', ["https://x.example"]),
        ('<a href="mailto:a@b.example">écrire</a>', ["écrire (a@b.example)"]),
        ('<a href="javascript:alert(1)">ici</a>', ["ici"]),  # no address of anything
        ('<a href="https://x.example"><img src="cid:a"></a>', ["[A  0]"]),
        ("<a>ici</a>", ["ici"]),
    ],
)
def test_a_link_says_where_it_leads(html, expected):
    assert blocks(html) == expected


@pytest.mark.parametrize(
    "hidden",
    [
        "<style>p {}</style>",
        "<script>alert('<p>')</script>",
        "<head><title>t</title><meta x></head>",
        "<p style='color:red; Display: None'>caché<b>x</b></p>",
        "<div hidden>caché<div>encore</div>toujours</div>",
        "<!-- caché -->",
        '<img src="https://suivi.example/1.gif" width="1" alt="suivi">',
        '<img src="cid:unknown">',
    ],
)
def test_what_no_reader_sees_is_not_drawn(hidden):
    assert blocks(f"<p>avant</p>{hidden}<p>après</p>") == ["avant", "après"]


def test_a_picture_from_elsewhere_is_told_by_its_words():
    assert blocks('<img src="https://x.example/a.png" alt="Le plan">') == ["[Le plan]"]


def test_a_table_of_words_stays_one():
    html = "<table><tr><th>a<th>b<tr><td>1<td>2<p>3</table>fin"
    assert blocks(html) == [[True, ["*a", "*b"], ["1", "2 / 3"]], "fin"]


def test_rows_are_filled_up_to_the_widest():
    html = "<table><tr><td colspan=2>a<td>b<tr><td>1</table>"
    assert blocks(html) == [[False, ["a", "", "b"], ["1", "", ""]]]


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><td>un<td>deux</table>",  # one row
        "<table><tr><td>un<tr><td>deux</table>",  # one column
        "<table><tr><td><table><tr><td>un<tr><td>deux</table></table>",
        "<table><tr><td><h1></h1>un<td><tr><td><td>deux" + "<td>" * 20 + "</table>",  # too wide
    ],
)
def test_a_table_that_lays_out_a_page_gives_its_words_in_their_order(table):
    assert blocks(table) == ["un", "deux"]


def test_a_picture_or_a_heading_makes_a_table_a_layout():
    html = "<table><tr><td><h1>T</h1><td>b<tr><td>c<td><img src=cid:a></table>"
    assert blocks(html) == ["h1 T", "b", "c", "[A  0]"]


TAGS = st.sampled_from(
    [
        *("p", "div", "b", "a href=", "ul", "ol", "li", "table", "tr", "td", "th", "img", "br"),
        *("hr", "h1", "pre", "blockquote", "span", "head", "style"),
    ]
)
PIECES = st.one_of(
    TAGS.map("<{}>".format),
    TAGS.map("</{}>".format),
    st.sampled_from(["&amp;", "<!--", "-->", "<", ">", '<td colspan="3">', '<img src="cid:a">']),
    st.text(alphabet="ab é\n", max_size=5),
)


@settings(deadline=None, max_examples=80)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_markup_breaks_it_and_rows_are_even(html):
    for block in markup.blocks(html, {"cid:a": b"A"}.get):
        if isinstance(block, Grid):
            assert len({len(row) for row in block.rows}) == 1


@given(st.lists(st.sampled_from(["un", "deux", "trois"]), min_size=1, max_size=8))
def test_no_word_of_a_table_is_lost(words):
    html = "<table><tr><td>" + "<tr><td>x<td>".join(words) + "</table>"
    said = " ".join(str(one) for one in blocks(html))
    assert [word for word in words if word not in said] == []
