from hypothesis import given
from hypothesis import strategies as st

from gateway.parse import yenc
from tests.makers.evasions import encodings


@given(st.binary(min_size=1, max_size=600), st.integers(1, 200))
def test_what_was_encoded_comes_back(data, width):
    assert list(yenc.files(b"bonjour\n" + encodings.yenc(data, width))) == [(b"base.txt", data)]


def test_the_end_and_the_line_of_a_part_may_be_missing_or_there():
    body = encodings.yenc(b"NIR")
    assert [data for _, data in yenc.files(body.partition(b"=yend")[0])] == [b"NIR"]
    part = body.replace(b"base.txt\n", b"base.txt\n=ypart begin=1 end=3\n")
    assert [data for _, data in yenc.files(part)] == [b"NIR"]


@given(st.binary().map(lambda noise: b"=ybegin line=1 name=a\n" + noise))
def test_noise_never_raises(noise):
    list(yenc.files(noise))
