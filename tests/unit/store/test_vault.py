from unittest import mock

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.store import vault
from gateway.store.keys import OpeningKey, SealingKey


def pair(name):
    private = X25519PrivateKey.generate()
    return SealingKey(name, private.public_key()), OpeningKey(name, private)


PUBLIC, PRIVATE = pair("00" * 8)
OTHER_PUBLIC, OTHER_PRIVATE = pair("11" * 8)
SMALL = mock.patch.object(vault, "CHUNK_BYTES", 10)  # so that a short text has many chunks


@given(plain=st.binary(max_size=64), context=st.binary(max_size=8))
def test_what_was_sealed_opens_again_whatever_its_length(plain, context):
    with SMALL:
        sealed = vault.seal(plain, [PUBLIC], context)
        assert vault.open_sealed(sealed, [PRIVATE], context) == plain


def test_each_officer_opens_it_alone():
    sealed = vault.seal(b"secret", [PUBLIC, OTHER_PUBLIC], b"here")
    assert vault.open_sealed(sealed, [PRIVATE], b"here") == b"secret"
    assert vault.open_sealed(sealed, [OTHER_PRIVATE], b"here") == b"secret"


def test_nothing_of_it_shows():
    plain = b"canari medical" * 1000
    sealed = vault.seal(plain, [PUBLIC], b"")
    assert b"canari" not in sealed
    assert vault.seal(plain, [PUBLIC], b"") != sealed


@pytest.mark.parametrize(
    ("keys", "context", "why"),
    [
        ([], b"here", "no key at all"),
        ([OTHER_PRIVATE], b"here", "another officer's key"),
        ([OpeningKey(PRIVATE.id, OTHER_PRIVATE.private)], b"here", "a key under a false id"),
        ([PRIVATE], b"there", "it was moved to another place"),
    ],
)
def test_does_not_open(keys, context, why):
    sealed = vault.seal(b"secret", [PUBLIC], b"here")
    with pytest.raises(vault.CannotOpen):
        vault.open_sealed(sealed, keys, context)


@given(st.data())
def test_a_changed_byte_is_noticed_wherever_it_is(data):
    with SMALL:
        sealed = bytearray(vault.seal(b"x" * 25, [PUBLIC], b""))
        at = data.draw(st.integers(0, len(sealed) - 1))
        sealed[at] ^= data.draw(st.integers(1, 255))
        with pytest.raises(vault.CannotOpen):
            vault.open_sealed(bytes(sealed), [PRIVATE], b"")


@given(st.integers(0, 10_000))
def test_a_cut_is_noticed_wherever_it_is(cut):
    with SMALL:
        sealed = vault.seal(b"x" * 40, [PUBLIC], b"")
        with pytest.raises(vault.CannotOpen):
            vault.open_sealed(sealed[: cut % len(sealed)], [PRIVATE], b"")


@pytest.mark.parametrize(
    ("order", "why"),
    [((1, 0, 2), "swapped"), ((0, 2), "one left out"), ((0, 1), "the last left out")],
)
def test_chunks_out_of_order_are_noticed(order, why):
    with SMALL:
        key, wrapped = vault.wrap([PUBLIC], b"")
        chunks = list(vault.encrypt(key, b"", b"0123456789" * 3))
        with pytest.raises(vault.CannotOpen):
            vault.open_sealed(wrapped + b"".join(chunks[i] for i in order), [PRIVATE], b"")


def test_two_streams_of_one_key_are_not_each_other():
    key, _ = vault.wrap([PUBLIC], b"")
    assert list(vault.encrypt(key, b"content", b"same")) != list(vault.encrypt(key, b"d", b"same"))


def test_sealing_to_nobody_is_refused():
    with pytest.raises(ValueError):
        vault.seal(b"secret", [], b"")
