import json
import os
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Misconfigured
from gateway.store import keys, vault
from gateway.store.keys import (
    address_hash,
    keyed,
    load_hmac,
    load_private,
    load_public,
    make_keys,
    separated,
)

QUICK = mock.patch.object(keys, "_SCRYPT_N", 2)  # a test's passphrase needs no stretching


def test_a_pair_is_made_read_back_and_works(tmp_path):
    made = make_keys(tmp_path)
    [public], [private] = load_public(tmp_path), load_private(tmp_path)
    assert public.id == private.id == made.id
    assert vault.open_sealed(vault.seal(b"x", [public], b""), [private], b"") == b"x"
    assert len(load_hmac(tmp_path)) == 32


def test_private_files_are_their_owners_alone(tmp_path):
    made = make_keys(tmp_path)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {
        f"officer-{made.id}.key": 0o400,
        f"officer-{made.id}.pub": 0o444,
        "hmac.key": 0o400,
    }


def test_rotation_adds_a_pair_and_keeps_the_hmac_key(tmp_path):
    first = make_keys(tmp_path)
    before = load_hmac(tmp_path)
    old = vault.seal(b"old", load_public(tmp_path), b"")
    second = make_keys(tmp_path)
    (tmp_path / f"officer-{first.id}.pub").unlink()
    assert [key.id for key in load_public(tmp_path)] == [second.id]
    assert load_hmac(tmp_path) == before
    assert vault.open_sealed(old, load_private(tmp_path), b"") == b"old"


def test_a_passphrase_protects_the_private_half(tmp_path):
    with QUICK:
        made = make_keys(tmp_path, passphrase=b"mot de passe")
        assert load_private(tmp_path, b"mot de passe")[0].id == made.id
        for wrong in (None, b"", b"autre"):
            with pytest.raises(Misconfigured):
                load_private(tmp_path, wrong)
    [public], written = load_public(tmp_path), (tmp_path / f"officer-{made.id}.key").read_text()
    assert {"kdf", "salt", "private"} <= json.loads(written).keys()
    assert public.id in written


def test_a_compartment_goes_with_its_keys(tmp_path):
    make_keys(tmp_path, compartment="psychiatrie")
    assert load_public(tmp_path)[0].compartment == "psychiatrie"
    assert load_private(tmp_path)[0].compartment == "psychiatrie"


def test_one_uid_that_reads_everything_is_not_separated(tmp_path):
    make_keys(tmp_path)
    assert not separated(tmp_path)


def test_a_passphrase_separates(tmp_path):
    with QUICK:
        make_keys(tmp_path, passphrase=b"x")
    assert separated(tmp_path)


def test_a_private_half_kept_elsewhere_separates(tmp_path):
    made = make_keys(tmp_path)
    (tmp_path / f"officer-{made.id}.key").unlink()
    assert separated(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to another uid")
def test_another_uid_separates(tmp_path):
    """Asked by a process of a third uid, since root reads everything."""
    make_keys(tmp_path, owner=12345)
    for directory in (tmp_path, *tmp_path.parents[:3]):  # tests in several processes: one more
        directory.chmod(0o755)
    child = os.fork()
    if child == 0:
        told = 2
        try:
            os.setuid(54321)
            told = 0 if separated(tmp_path) else 1
        finally:  # whatever happens, this process is no test runner
            os._exit(told)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("name", ["hmac.key", "officer-*.pub", "officer-*.key"])
def test_a_damaged_or_missing_file_refuses_to_start(tmp_path, name):
    make_keys(tmp_path)
    [path] = tmp_path.glob(name)
    load = {"hmac.key": load_hmac, "officer-*.pub": load_public, "officer-*.key": load_private}[
        name
    ]
    path.chmod(0o600)
    for damage in (b"", b"{}", b"[]", b"\xff", b'{"public": 3, "private": 3}'):
        path.write_bytes(damage)
        with pytest.raises(Misconfigured):
            load(tmp_path)
    path.unlink()
    with pytest.raises(Misconfigured):
        load(tmp_path)


def test_a_public_key_under_a_false_name_is_refused(tmp_path):
    make_keys(tmp_path)
    [path] = tmp_path.glob("officer-*.pub")
    path.chmod(0o600)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"id": "00" * 8}))
    with pytest.raises(Misconfigured):
        load_public(tmp_path)


def test_no_repr_shows_a_key(tmp_path):
    made = make_keys(tmp_path)
    assert repr(load_private(tmp_path)[0]) == f"OpeningKey(id='{made.id}', compartment='default')"


def test_parts_do_not_run_together():
    assert keyed(b"k", "p", b"ab", b"c") != keyed(b"k", "p", b"a", b"bc")
    assert keyed(b"k", "p", b"a") != keyed(b"k", "q", b"a") != keyed(b"l", "q", b"a")


@given(st.text())
def test_any_address_has_a_hash_and_case_does_not_matter_to_it(address):
    assert len(address_hash(b"k", address)) == 64
    assert address_hash(b"k", "Zoe@Mail.example") == address_hash(b"k", "zoe@mail.example")


def test_an_undecodable_address_has_one_too():
    assert len(address_hash(b"k", "\udcff@x.example")) == 64


def test_who_may_not_look_in_is_told_so_and_not_that_there_is_no_key(tmp_path, monkeypatch):
    with pytest.raises(Misconfigured, match=r"no sealing key \(officer-\*\.pub\) in [^:]*$"):
        load_public(tmp_path)
    monkeypatch.setattr(keys.os, "access", lambda *_: False)  # root, as tests may be, always may
    with pytest.raises(Misconfigured, match="you may not look in"):
        load_public(tmp_path)
