import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.extract import markup


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("1<b>85</b> 05", "185 05"),
        ("18&zwj;5", "18\u200d5"),
        ("<p>a</p><p>b</p>", "\na\n\nb\n"),
        ("<tr><td>a</td><td>b</td></tr>", "\n\ta\tb\n"),
        ("a < b", "a < b"),
        ("&eacute;&#233;", "éé"),
        ('<a title="x > y">z</a>', "z"),
        ("<!-- x -->y", "y"),
        ("<!-- never closed", " never closed"),  # some programs show it
        ("<style>p {}</style>y", "y"),
        ("<p hidden>z", "\nz"),
        ("2<p", "2"),
    ],
)
def test_shows_what_a_person_reads(source, shown):
    assert markup.read(source).shown == shown


@pytest.mark.parametrize(
    "source",
    [
        '<img alt="SECRET">',
        "<img alt='SECRET'>",
        "<img alt=SECRET>",
        '<a href="?nir=SECRET">x</a>',
        "<!-- SECRET -->",
        "<style>SECRET</style>",
        "<script>SECRET</script>",
        '<meta content="SECRET">',
        '<a title="SECRET',
        "<![CDATA[SECRET]]>",
        "<!DOCTYPE SECRET>",
        '<p x="a" y="SECRET">',
    ],
)
def test_what_is_not_shown_is_read_as_well(source):
    assert "SECRET" in markup.read(source).unshown


def test_inline_tags_are_read_both_joined_and_apart():
    page = markup.read("<span>DUPONT</span><span>Jean</span>")
    assert page.shown == "DUPONTJean"
    assert page.spaced.split() == ["DUPONT", "Jean"]
    assert markup.read("<b>DUPONT</b> Jean").spaced == ""


@pytest.mark.parametrize("depth", [255, 256, 257, 1000, 20_000])
def test_text_below_many_elements_and_after_them_is_read(depth):
    """Some parsers drop it without a word."""
    source = "<div><i>" * depth + "DEDANS" + "</i></div>" * depth + "APRES"
    assert markup.read(source).shown.split() == ["DEDANS", "APRES"]


def test_depth_counts_open_elements():
    assert markup.read("<div>" * 300 + "<br><img>").depth == 300
    assert markup.read("<p>x</p>" * 300).depth == 1


HOSTILE = [
    "<div>",
    "<!--",
    "<",
    '<a b="',
    "<a b='",
    "<script ",
    "</",
    "&",
    "<a =\"'>",
    "<a" + "<" * 9,
]


@pytest.mark.parametrize("bad", HOSTILE)
@pytest.mark.timeout(20)
def test_hostile_pages_cost_no_more_than_their_size(bad):
    assert markup.read(bad * (300_000 // len(bad)))


PIECES = st.sampled_from(
    ["<", ">", "b", "</b>", "<!--", "-->", '"', "=", "<a x=", "<style>", "&lt;", " "]
)


@given(st.lists(PIECES), st.lists(PIECES))
def test_no_word_is_ever_lost(before, after):
    page = markup.read("".join(before) + "SECRET" + "".join(after))
    assert "SECRET" in page.shown + page.unshown


@pytest.mark.parametrize(
    "source",
    [
        '1<i style="display:none">x</i>85',
        "1<i style='FONT-SIZE : 0px'>7</i>85",
        "1<i hidden>7</i>85",
        "<style>b, .h { display: none }</style>1<p class='g h'>7</p>85",
        "1<b>7</b>85<style>b{visibility:hidden}</style>",
        "<style>@media screen{#z{opacity:0}}</style>1<s id=z>7</s>85",
        "1<template>7<template>7</template>7</template>85",
        "<bdo dir=rtl>581</bdo>",
    ],
)
def test_digits_that_nobody_sees_do_not_part_those_that_one_sees(source):
    assert any("185" in "".join(text.split()) for text in markup.read(source).others)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("1<i>8</i>5", "nothing is hidden"),
        ('<div style="display:none">Bonjour</div>texte', "no digit stands beside it"),
        ('1<i style="font-size:1em;opacity:0.9">8</i>5', "small or pale is seen"),
        ('1<i style="max-width:90px;color:#ffaa00">8</i>5', "a width and a colour"),
    ],
)
def test_pages_that_hide_nothing_are_read_once(source, why):
    assert markup.read(source).others == (), why


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("<!--[if mso]>1<b></b>85<![endif]-->", "185"),
        ('<a href="http://x.example/?n=%31%38%35">', "n=185"),
        ("<style>p:before{content:'\\31 \\38 \\35 '}</style>", "185"),
    ],
)
def test_what_some_programs_show_is_read_without_its_escapes(source, read):
    assert read in markup.read(source).unshown


def test_fields_of_a_form_are_read_in_their_order():
    assert markup.read("<input value=1><input value='8'><input value=1>").shown == "181"
