from hypothesis import given
from hypothesis import strategies as st

from gateway.parse import binhex
from tests.makers.evasions import encodings


@given(st.binary(min_size=1, max_size=600))
def test_what_was_encoded_comes_back(data):
    assert list(binhex.files(encodings.binhex(data))) == [(b"base.txt", data)]


def test_runs_are_written_out_up_to_a_limit():
    assert binhex._repeated(b"a\x90\x05b\x90\x00") == b"aaaaab\x90"
    assert len(binhex._repeated(b"a" + b"\x90\xff" * 200_000)) <= binhex._MOST + 255


@given(st.binary())
def test_noise_never_raises(noise):
    list(binhex.files(b"(this file must be converted with binhex 4.0)\n:" + noise))
    list(binhex.files(noise))
