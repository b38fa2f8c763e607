"""The keys in one file, under a passphrase."""

import json
import os

import pytest

from gateway.errors import Misconfigured
from gateway.store import key_copy
from gateway.store import keys as keys_module
from gateway.store.key_copy import pack, unpack
from gateway.store.keys import load_hmac, load_private, load_public, make_keys

SECRET = b"phrase"


@pytest.fixture(scope="module", autouse=True)
def _cheap_guesses():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys_module, "_SCRYPT_N", 2)
        yield


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    directory = tmp_path_factory.mktemp("house") / "keys"
    make_keys(directory)
    (directory / "dkim").mkdir()
    (directory / "dkim" / "v2026.json").write_text("{}")
    return directory


@pytest.fixture(scope="module")
def copied(keys, tmp_path_factory):
    path = tmp_path_factory.mktemp("elsewhere") / "keys"
    path.write_bytes(pack(keys, SECRET))
    return path


def test_the_folder_comes_back_as_it_was(keys, copied, tmp_path):
    assert unpack(copied, SECRET, tmp_path / "keys") == 4
    for path in keys.rglob("*"):
        if path.is_file():
            there = tmp_path / "keys" / path.relative_to(keys)
            assert there.read_bytes() == path.read_bytes()
            assert there.stat().st_mode == path.stat().st_mode
    assert load_hmac(tmp_path / "keys") == load_hmac(keys)
    assert [one.id for one in load_private(tmp_path / "keys")] == [
        one.id for one in load_public(keys)
    ]


def test_nothing_of_it_can_be_read(keys, copied):
    octets = copied.read_bytes()
    for word in (b"officer", b"hmac", b"X25519", load_hmac(keys)):
        assert word not in octets


def test_another_passphrase_does_not_open_it(copied, tmp_path):
    with pytest.raises(Misconfigured, match="passphrase"):
        unpack(copied, b"other", tmp_path / "keys")
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("octets", [b"", b"{}", b"[]", b'{"salt": 1, "sealed": 2}', b"\xff"])
def test_what_is_no_such_file_is_refused(tmp_path, octets):
    (tmp_path / "x").write_bytes(octets)
    with pytest.raises(Misconfigured):
        unpack(tmp_path / "x", SECRET, tmp_path / "keys")


def test_no_key_is_ever_replaced(copied, tmp_path):
    make_keys(tmp_path / "keys")
    before = {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    with pytest.raises(Misconfigured, match="another key"):
        unpack(copied, SECRET, tmp_path / "keys")
    assert {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before


def test_laid_down_twice_it_is_the_same(copied, tmp_path):
    assert unpack(copied, SECRET, tmp_path) == unpack(copied, SECRET, tmp_path) == 4


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "a\0b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(keys, tmp_path, name, monkeypatch):
    """Whoever knows the passphrase could write one."""
    dumps = json.dumps

    def wrong(value):
        if "hmac.key" in value:
            value = {**value, name: value["hmac.key"]}
        return dumps(value)

    with monkeypatch.context() as patch:
        patch.setattr(key_copy.json, "dumps", wrong)
        (tmp_path / "x").write_bytes(pack(keys, SECRET))
    with pytest.raises(Misconfigured, match="no file of keys"):
        unpack(tmp_path / "x", SECRET, tmp_path / "keys")
    assert os.listdir(tmp_path) == ["x"]


def test_a_folder_without_keys_is_no_copy(tmp_path):
    with pytest.raises(Misconfigured, match="no keys"):
        pack(tmp_path, SECRET)
