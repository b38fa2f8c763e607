"""What is sealed while it is written opens while it is read, cut wherever it may be."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store import sealed_stream, vault
from gateway.store.sealed_stream import OpeningReader, SealingWriter

KEY = bytes(32)
CHUNK = 16  # bytes, in place of a MiB


@pytest.fixture(scope="module", autouse=True)
def _small_chunks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed_stream, "CHUNK_BYTES", CHUNK)
        patch.setattr(vault, "CHUNK_BYTES", CHUNK)
        yield


def sealed(pieces, purpose=b"x"):
    file = io.BytesIO()
    writer = SealingWriter(file, KEY, purpose)
    for piece in pieces:
        writer.write(piece)
    writer.finish()
    return file.getvalue()


def opened(octets, size=-1, purpose=b"x"):
    reader = OpeningReader(io.BytesIO(octets), KEY, purpose)
    found = b""
    while data := reader.read(size):
        found += data
    return found


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=3 * CHUNK), max_size=6), st.integers(1, 2 * CHUNK))
def test_it_comes_back_however_it_is_written_and_read(pieces, size):
    octets = sealed(pieces)
    assert opened(octets, size) == b"".join(pieces)
    assert octets == b"".join(vault.encrypt(KEY, b"x", b"".join(pieces))), "one form, not two"


@settings(max_examples=30)
@given(st.binary(max_size=4 * CHUNK), st.data())
def test_cut_short_it_does_not_open(plain, data):
    octets = sealed([plain])
    cut = data.draw(st.integers(0, len(octets) - 1))
    with pytest.raises(vault.CannotOpen):
        opened(octets[:cut])


def test_for_another_purpose_it_does_not_open():
    with pytest.raises(vault.CannotOpen):
        opened(sealed([b"plain"]), purpose=b"y")
