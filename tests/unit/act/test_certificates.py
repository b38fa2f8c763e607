"""The folder of recipients' certificates."""

import os

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act.certificates import Directory
from tests.makers import sealing

MARIE = "marie@cabinet.example"


def directory(folder, *files):
    for name, pem in files:
        (folder / name).write_bytes(pem)
    return Directory(folder, clock=lambda: sealing.RECEIVED)


def test_a_certificate_is_found_by_the_address_it_carries(tmp_path):
    known = directory(tmp_path, ("a.pem", sealing.certificate("Marie@Cabinet.example")))
    assert known.find("MARIE@cabinet.example") is not None
    assert known.find("paul@cabinet.example") is None


def test_the_name_of_a_file_names_its_address(tmp_path):
    known = directory(tmp_path, ("paul@cabinet.example.pem", sealing.certificate(MARIE)))
    assert known.find("paul@cabinet.example") is not None
    assert known.find(MARIE) is None  # the operator said for whom


def test_one_file_may_hold_several(tmp_path):
    both = sealing.certificate(MARIE) + sealing.certificate("paul@cabinet.example")
    known = directory(tmp_path, ("all.crt", both))
    assert known.find(MARIE)
    assert known.find("paul@cabinet.example")


@pytest.mark.parametrize(
    ("pem", "why"),
    [
        (lambda: sealing.certificate(MARIE, days=(-20, -1)), "expired yesterday"),
        (lambda: sealing.certificate(MARIE, days=(1, 20)), "valid from tomorrow"),
        (lambda: sealing.certificate(MARIE, usage=False), "for signatures only"),
        (
            lambda: sealing.certificate(MARIE, extended=ExtendedKeyUsageOID.SERVER_AUTH),
            "of a server",
        ),
        (lambda: sealing.certificate(MARIE, sealing.ec_key("e")), "elliptic curve"),
        (lambda: sealing.certificate(MARIE, sealing.rsa_key("short", 1024)), "1024 bits"),
        (lambda: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"),
        (lambda: b"", "empty"),
    ],
)
def test_what_may_not_encrypt_is_no_certificate(tmp_path, pem, why):
    assert directory(tmp_path, ("a.pem", pem())).find(MARIE) is None, why


def test_of_several_the_one_that_lasts_longest_is_taken(tmp_path):
    known = directory(
        tmp_path,
        ("a.pem", sealing.certificate(MARIE, days=(-5, 3))),
        ("b.pem", sealing.certificate(MARIE, days=(-5, 9))),
        ("c.pem", sealing.certificate(MARIE, days=(-5, -1))),
    )
    days = (known.find(MARIE).not_valid_after_utc.timestamp() - sealing.RECEIVED) / 86400
    assert round(days) == 9


def test_it_looks_again_when_something_changed(tmp_path):
    known = directory(tmp_path)
    assert known.find(MARIE) is None
    (tmp_path / "a.pem").write_bytes(sealing.certificate(MARIE))
    os.utime(tmp_path, ns=(1, 1))
    assert known.find(MARIE)
    (tmp_path / "a.pem").write_bytes(sealing.certificate(MARIE, days=(-9, -1)))  # in place
    os.utime(tmp_path / "a.pem", ns=(2, 2))
    assert known.find(MARIE) is None
    (tmp_path / "a.pem").unlink()
    os.utime(tmp_path, ns=(3, 3))
    assert known.find(MARIE) is None


def test_it_reads_nothing_again_when_nothing_changed(tmp_path, monkeypatch):
    known = directory(tmp_path, ("a.pem", sealing.certificate(MARIE)))
    first = known.find(MARIE)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: pytest.fail("read again"))
    assert known.find(MARIE) is first


@pytest.mark.parametrize("folder", [None, "absent"])
def test_no_folder_is_no_certificate(tmp_path, folder):
    assert Directory(folder and tmp_path / folder).find(MARIE) is None


@settings(deadline=None)
@given(st.integers(0, 2000), st.binary(min_size=1, max_size=4))
def test_a_damaged_file_harms_nobody(tmp_path_factory, at, junk):
    folder = tmp_path_factory.mktemp("certificates")
    pem = bytearray(sealing.certificate(MARIE))
    pem[at % len(pem) : at % len(pem) + len(junk)] = junk
    directory(folder, ("a.pem", bytes(pem))).find(MARIE)
