import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.receive.data import Data

BIG = 1 << 30
LINES = st.lists(
    st.sampled_from([b"", b".", b"..", b"a", b".a", b"a.", b"\0\xff", b"x" * 90]), max_size=12
)


def stuffed(content: bytes) -> bytes:
    """The client's side, written another way: line by line."""
    lines = content.split(b"\r\n")
    return b"\r\n".join(b"." + line if line[:1] == b"." else line for line in lines)


def read(raw: bytes, cuts: list[int], limit: int = BIG) -> tuple[Data, bytes | None]:
    data, start = Data(limit), 0
    for cut in [*sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]:
        rest = data.feed(raw[start:cut])
        if rest is not None:
            return data, rest + raw[cut:]
        start = cut
    return data, None


@given(LINES, st.lists(st.integers(0, 10_000), max_size=8), st.sampled_from([b"", b"QUIT\r\n"]))
@example([b"."], [1, 2, 3, 4, 5, 6, 7, 8], b"")
def test_whatever_the_pieces_the_content_comes_back_as_it_was(lines, cuts, after):
    content = b"".join(line + b"\r\n" for line in lines)
    data, rest = read(stuffed(content) + b".\r\n" + after, cuts)
    assert rest == after
    assert not data.bare_newline
    assert data.content() == content
    assert not data.too_big


def test_every_single_cut_gives_the_same():
    content = b"\r\n.\r\n..\r\na\r\n.b.\r\n\r\n"
    raw = stuffed(content) + b".\r\nNOOP\r\n"
    for cut in range(len(raw) + 1):
        data, rest = read(raw, [cut])
        assert (data.content(), rest) == (content, b"NOOP\r\n")


FALSE_ENDS = [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\r\n\0.\r\n"]


@pytest.mark.parametrize("end", FALSE_ENDS)
def test_only_crlf_dot_crlf_ends_the_content(end):
    _, rest = read(b"a" + end + b"MAIL FROM:<x@y.fr>\r\n", [])
    assert rest is None


@pytest.mark.parametrize("bare", [b"\n", b"\r", b"\n\r", b"\r\r\n", b"\r\n\n", b"\n.\n", b"\r.\r"])
def test_a_bare_cr_or_lf_is_told_wherever_the_pieces_are_cut(bare):
    raw = b"a\r\n" + bare + b"b\r\n.\r\n"
    for cut in range(len(raw)):
        data, rest = read(raw, [cut])
        assert rest == b""
        assert data.bare_newline


@given(st.binary(max_size=60), st.lists(st.integers(0, 100), max_size=6))
def test_bare_newlines_are_those_that_are_left_without_their_pairs(noise, cuts):
    noise = noise.replace(b"\r\n.", b"\r\n")
    data, rest = read(b"x" + noise + b"x\r\n.\r\n", cuts)
    left = noise.replace(b"\r\n", b"")
    assert rest == b""
    assert data.bare_newline == (b"\r" in left or b"\n" in left)


def test_beyond_the_limit_nothing_is_kept_and_the_end_is_still_found():
    data, rest = read(b"x" * 5_000 + b"\r\n.\r\nQUIT", [700, 1_400, 2_100], limit=1_000)
    assert (rest, data.content(), data.too_big) == (b"QUIT", b"", True)


@pytest.mark.parametrize(("lines", "too_big"), [(100, False), (101, True)])
def test_the_limit_counts_the_content_without_the_stuffing(lines, too_big):
    data, _ = read(b"..\r\n" * lines + b".\r\n", [50, 120], limit=300)
    data.content()
    assert data.too_big is too_big


def test_dropping_reads_on_to_the_end_and_keeps_nothing():
    data = Data(BIG)
    assert data.feed(b"first\r\n") is None
    data.drop()
    assert data.feed(b"second\r\n.\r\nNOOP") == b"NOOP"
    assert data.too_big
    assert data.content() == b""
