import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.parse import transfer


@pytest.mark.parametrize(
    ("written", "readings"),
    [
        (b"QUFB", [b"AAA"]),
        (b"QUFB\r\n", [b"AAA"]),
        (b" Q\r\nU\r\nF B", [b"AAA"]),
        (b"QUFBQQ", [b"AAAA"]),
        (b"", [b""]),
    ],
)
def test_base64_is_read_whatever_the_lines(written, readings):
    assert list(transfer.base64(written)[0]) == readings


def test_base64_goes_on_after_padding_in_mid_stream():
    """The standard library stops at the first padding; mail programs do not."""
    readings, odd = transfer.base64(b"QUFBQQ==\r\nTklSIHNlY3JldA==")
    assert readings[0] == b"AAAANIR secret"
    assert odd
    assert binascii.a2b_base64(b"QUFBQQ==\r\nTklSIHNlY3JldA==") == b"AAAA"  # the trap is there


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (b"QU.FB", "a dot is dropped"),
        (b"QU\xe9FB", "a byte beyond ASCII is dropped"),
        (b"%QUFB", "so is one at the start"),
    ],
)
def test_junk_in_base64_is_dropped_and_told(written, why):
    readings, odd = transfer.base64(written)
    assert b"AAA" in readings, why
    assert odd, why


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"Zo=C3=A9", "Zoé".encode()),
        (b"Zo=c3=a9", "Zoé".encode()),
        (b"2 79 =\r\n03", b"2 79 03"),
        (b"2 79 = \t\r\n03", b"2 79 03"),
        (b"2 79 =\r03", b"2 79 03"),
        (b"=ZZ 1=2", b"=ZZ 1=2"),
        (b"fin=", b"fin"),
    ],
)
def test_quoted_printable_is_read_generously(written, read):
    assert transfer.quoted_printable(written)[0][0] == read


def test_what_may_not_stand_in_quoted_printable_stays_or_goes():
    """Most programs show it, a few leave it out, and some take a control for none after "="."""
    readings, _ = transfer.quoted_printable(b"9\xd999=20=\0\n2")
    assert readings[0] == b"9\xd999 =\0\n2"
    assert b"999 2" in readings


@given(st.binary(max_size=300), st.integers(1, 80))
def test_what_was_encoded_comes_back(data, width):
    letters = binascii.b2a_base64(data, newline=False)
    lines = b"\r\n".join(letters[i : i + width] for i in range(0, len(letters), width))
    assert transfer.base64(lines) == ((data,), "")


@given(st.sampled_from(sorted(transfer.DECODERS)), st.binary())
def test_no_decoder_ever_raises(name, data):
    readings, _ = transfer.DECODERS[name](data)
    assert readings
