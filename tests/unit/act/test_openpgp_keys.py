"""Which OpenPGP key an address has, if any: nothing expired, revoked, weak or of somebody else."""

from __future__ import annotations

import os
import shutil
import time

import pytest
from pysequoia import Cert, encrypt

from gateway.act import openpgp_key
from gateway.act.openpgp_keys import REFUSED_SECONDS, Keyring
from tests.makers import openpgp as keys

MARIE, PAUL = "marie@cabinet.example", "paul@cabinet.example"
gpg_needed = pytest.mark.skipif(not shutil.which("gpg"), reason="gpg missing")


def put(folder, name, *certs):
    (folder / name).write_bytes(b"".join(map(bytes, certs)))


def later(days):
    return lambda: time.time() + days * keys.DAY


def test_a_key_is_found_by_its_user_id_whatever_the_case(tmp_path):
    put(tmp_path, "any.pgp", keys.public(MARIE))
    found = Keyring(tmp_path)
    assert found.find("Marie@Cabinet.example").fingerprint == keys.public(MARIE).fingerprint
    assert found.find(PAUL) is None


def test_a_file_named_by_address_is_for_that_address_alone(tmp_path):
    put(tmp_path, f"{PAUL}.asc", keys.public(MARIE))
    found = Keyring(tmp_path)
    assert found.find(PAUL).fingerprint == keys.public(MARIE).fingerprint
    assert found.find(MARIE) is None


def test_one_file_holds_many(tmp_path):
    put(tmp_path, "ring.gpg", keys.public(MARIE), keys.public(PAUL))
    assert all(Keyring(tmp_path).find(address) for address in (MARIE, PAUL))


@pytest.mark.parametrize(
    ("cert", "days"),
    [
        pytest.param(keys.expired(MARIE), 2, id="expired"),
        pytest.param(keys.revoked(MARIE), 0, id="revoked"),
        pytest.param(keys.public(MARIE), -2, id="not valid yet"),
    ],
)
def test_what_may_not_be_used_is_none(tmp_path, cert, days):
    put(tmp_path, "marie.asc", cert)
    assert Keyring(tmp_path, clock=later(days)).find(MARIE) is None


def test_a_key_that_expires_is_used_until_then(tmp_path):
    put(tmp_path, "marie.asc", keys.expired(MARIE, days=3))
    now = [time.time()]
    ring = Keyring(tmp_path, clock=lambda: now[0])
    assert ring.find(MARIE)
    assert {a: round((end - now[0]) / keys.DAY) for a, end in ring.ends().items()} == {MARIE: 3}
    now[0] += 4 * keys.DAY
    assert ring.find(MARIE) is None
    assert ring.ends() == {}


def test_of_two_keys_the_one_that_lasts_longest(tmp_path):
    other = keys.secret("vieille@cabinet.example").extract_certificate()
    put(tmp_path, "a.asc", keys.expired(MARIE))
    put(tmp_path, f"{MARIE}.asc", other)
    assert Keyring(tmp_path).find(MARIE).fingerprint == other.fingerprint


@pytest.mark.parametrize("content", [b"", b"nothing", b"\xff" * 400, b"-----BEGIN PGP"])
def test_a_file_that_is_no_key_is_nobodys(tmp_path, content):
    (tmp_path / f"{MARIE}.asc").write_bytes(content)
    assert Keyring(tmp_path).find(MARIE) is None


def test_a_huge_file_is_not_read(tmp_path):
    data = bytes(keys.public(MARIE))
    (tmp_path / f"{MARIE}.asc").write_bytes(data + bytes(openpgp_key.MAX_BYTES))
    assert Keyring(tmp_path).find(MARIE) is None


@pytest.mark.parametrize("folder", [None, "away"])
def test_without_a_folder_nobody_has_a_key(tmp_path, folder):
    assert Keyring(folder and tmp_path / folder).find(MARIE) is None


def test_a_key_put_there_later_taken_away_or_replaced_is_noticed(tmp_path):
    ring = Keyring(tmp_path)
    assert ring.find(MARIE) is None
    put(tmp_path, "marie.asc", keys.public(MARIE))
    os.utime(tmp_path, ns=(1, 1))  # however coarse the clock of this file system
    assert ring.find(MARIE)
    put(tmp_path, "marie.asc", keys.revoked(MARIE))
    assert ring.find(MARIE) is None
    (tmp_path / "marie.asc").unlink()
    assert ring.find(MARIE) is None


class Place:
    """What was kept of WKD or Autocrypt."""

    def __init__(self, *certs):
        self.certs = certs

    def find(self, address):
        return self.certs


def test_the_folder_comes_before_what_was_fetched_or_received(tmp_path):
    mine, fetched = keys.public(MARIE), keys.expired(MARIE)
    put(tmp_path, "marie.asc", mine)
    assert Keyring(tmp_path, [Place(fetched)]).find(MARIE)
    (tmp_path / "marie.asc").unlink()
    assert Keyring(tmp_path, [Place(), Place(fetched)]).find(MARIE)


def test_what_was_fetched_must_be_in_force():
    assert Keyring(None, [Place(keys.revoked(MARIE))]).find(MARIE) is None


def test_a_domain_may_publish_a_revoked_key_beside_the_new_one():
    fetched = Place(keys.revoked(MARIE), keys.public(PAUL))
    found = Keyring(None, [fetched]).find(MARIE)
    assert found.fingerprint == keys.public(PAUL).fingerprint


@pytest.mark.parametrize("name", ["revoked.asc", f"{MARIE}.asc"])
def test_a_key_that_a_surer_place_calls_revoked_is_not_used_as_another_knows_it(tmp_path, name):
    put(tmp_path, name, keys.revoked(MARIE))
    assert Keyring(tmp_path, [Place(keys.public(MARIE))]).find(MARIE) is None
    other = Place(keys.public(MARIE), keys.public(PAUL))
    assert Keyring(tmp_path, [other]).find(MARIE).fingerprint == keys.public(PAUL).fingerprint


def test_a_key_that_ended_in_the_folder_is_used_as_its_domain_renewed_it(tmp_path):
    put(tmp_path, "marie.asc", keys.expired(MARIE))
    assert Keyring(tmp_path, [Place(keys.public(MARIE))], clock=later(2)).find(MARIE)


def test_a_key_with_endless_user_ids_is_not_looked_at(tmp_path):
    """Sequoia takes a third of a second for a hundred, and 15 for eight hundred."""
    users = b"".join(b"\xcd\x04" + b"%04d" % number for number in range(openpgp_key.MAX_USERS))
    (tmp_path / "marie.pgp").write_bytes(bytes(keys.public(MARIE)) + users)
    assert Keyring(tmp_path).find(MARIE) is None
    (tmp_path / "marie.pgp").write_bytes(bytes(keys.public(MARIE)) + users[6:])
    assert Keyring(tmp_path).find(MARIE)


def test_a_key_is_judged_once(tmp_path, monkeypatch):
    judged = []
    monkeypatch.setattr(openpgp_key, "usable", lambda cert, now: judged.append(cert))
    put(tmp_path, "marie.asc", keys.public(MARIE))
    now = [time.time()]
    ring = Keyring(tmp_path, clock=lambda: now[0])
    for _ in range(3):
        assert ring.find(MARIE) is None
    assert len(judged) == 1
    now[0] += REFUSED_SECONDS
    assert ring.find(MARIE) is None
    assert len(judged) == 2


@pytest.fixture(scope="module")
def subkeys(tmp_path_factory):
    """Of one person, by gpg: with an encryption subkey that ended in 2021, the same with one in
    force beside it, the same with that one revoked, and none at all."""
    gpg = keys.Gpg()
    old = ("--faked-system-time", "20200101T000000")
    user = f"Personne fictive <{MARIE}>"
    gpg.run(*old, "--quick-generate-key", user, "ed25519", "cert,sign", "never")
    mark = next(
        line.split(":")[9]
        for line in gpg.run("--list-keys", "--with-colons").stdout.decode().splitlines()
        if line.startswith("fpr:")
    )
    made = {"none": gpg.run("--export").stdout}
    gpg.run(*old, "--quick-add-key", mark, "cv25519", "encr", "1y")
    made["ended"] = gpg.run("--export").stdout
    gpg.run("--quick-add-key", mark, "cv25519", "encr", "2y")
    made["renewed"] = gpg.run("--export").stdout
    gpg.run("--command-fd", "0", "--edit-key", mark, stdin=b"key 2\nrevkey\ny\n0\n\ny\nsave\n")
    made["revoked"] = gpg.run("--export").stdout
    gpg.close()
    return made


@gpg_needed
@pytest.mark.parametrize(
    ("which", "found"), [("none", False), ("ended", False), ("renewed", True), ("revoked", False)]
)
def test_only_an_encryption_subkey_in_force_will_do(tmp_path, subkeys, which, found):
    (tmp_path / "marie.gpg").write_bytes(subkeys[which])
    assert bool(Keyring(tmp_path).find(MARIE)) is found


@gpg_needed
def test_the_library_alone_would_use_a_subkey_that_has_ended(subkeys):
    """Why `openpgp_key` takes them away: should this fail, it need not any more."""
    assert encrypt(b"", recipients=[Cert.from_bytes(subkeys["ended"])])


@gpg_needed
def test_a_subkey_ends_in_its_turn(tmp_path, subkeys):
    (tmp_path / "marie.gpg").write_bytes(subkeys["renewed"])
    now = [time.time()]
    ring = Keyring(tmp_path, clock=lambda: now[0])
    assert ring.find(MARIE)
    now[0] += 3 * 365 * keys.DAY
    assert ring.find(MARIE) is None


@gpg_needed
def test_a_key_ends_with_the_last_of_its_encryption_subkeys(tmp_path, subkeys):
    (tmp_path / "marie.gpg").write_bytes(subkeys["renewed"])
    [end] = Keyring(tmp_path).ends().values()
    assert round((end - time.time()) / keys.DAY) == 730


class Panic(BaseException):
    """As a library in Rust raises it."""


def test_a_panic_of_the_library_is_no_key_and_no_more(monkeypatch):
    def panics(*_, **__):
        raise Panic

    monkeypatch.setattr(openpgp_key, "encrypt", panics)
    assert openpgp_key.usable(keys.public(MARIE), time.time()) is None
