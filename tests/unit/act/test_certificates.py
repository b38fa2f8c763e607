"""The folder of recipients' certificates."""

import os

import pytest
from asn1crypto import algos
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import der
from gateway.act.certificate_path import Anchors
from gateway.act.certificate_use import Standing
from gateway.act.certificates import Directory, Preferences, Trust
from gateway.act.revocation import Revocations, crl_name, ocsp_name
from tests.makers import pki, sealing

MARIE, PAUL = "marie@cabinet.example", "paul@cabinet.example"
CRL = "http://crl.autorite.example/fictive.crl"


def directory(folder, *files):
    for name, pem in files:
        (folder / name).write_bytes(pem)
    return Directory(folder, clock=lambda: sealing.RECEIVED)


def test_a_certificate_is_found_by_the_address_it_carries(tmp_path):
    known = directory(tmp_path, ("a.pem", sealing.certificate("Marie@Cabinet.example")))
    assert known.find("MARIE@cabinet.example") is not None
    assert known.find(PAUL) is None


def test_the_name_of_a_file_names_its_address(tmp_path):
    known = directory(tmp_path, ("paul@cabinet.example.pem", sealing.certificate(MARIE)))
    assert known.find(PAUL) is not None
    assert known.find(MARIE) is None  # the operator said for whom


def test_one_file_may_hold_several(tmp_path):
    both = sealing.certificate(MARIE) + sealing.certificate(PAUL)
    known = directory(tmp_path, ("all.crt", both))
    assert known.find(MARIE)
    assert known.find(PAUL)


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
        (lambda: sealing.certificate(MARIE, sealing.ec_key("e")), "a curve's key may not agree"),
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
    days = (
        known.find(MARIE).certificate.not_valid_after_utc.timestamp() - sealing.RECEIVED
    ) / 86400
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
    assert known.find(MARIE).certificate is first.certificate


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


def oaep(chosen: str) -> bytes:
    """SMIMECapabilities that name RSA-OAEP with this hash, and nothing else."""
    named = algos.DigestAlgorithm({"algorithm": chosen})
    masked = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": named})
    told = algos.RSAESOAEPParams({"hash_algorithm": named, "mask_gen_algorithm": masked})
    return der.sequence(der.algorithm("1.2.840.113549.1.1.7", told.dump()))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"key": ec.generate_private_key(ec.SECP256R1())}, True),
        ({"key": ec.generate_private_key(ec.SECP384R1())}, True),
        ({"key": ec.generate_private_key(ec.SECP521R1())}, True),
        ({"key": ec.generate_private_key(ec.SECP256K1())}, False),  # no program reads it in mail
        ({"allowed": {"digital_signature": True}}, False),
        ({"key": sealing.ec_key("m"), "allowed": {"key_encipherment": True}}, False),
        ({"allowed": {"key_agreement": True}}, False),
        ({"extended": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}, True),
        ({"critical": True}, False),  # it limits itself by what we do not know
    ],
)
def test_which_keys_may_encrypt(tmp_path, given, found):
    known = directory(tmp_path, ("a.pem", pki.pem(pki.Authority().issue(MARIE, **given))))
    assert (known.find(MARIE) is not None) is found


def test_an_authority_beside_a_certificate_is_nobodys(tmp_path):
    """It lasts longer than the certificate, and would be taken in its place."""
    authority = pki.Authority()
    both = pki.pem(authority.issue(MARIE), authority.certificate)
    known = directory(tmp_path, (f"{MARIE}.pem", both))
    assert known.find(MARIE).certificate.subject != authority.certificate.subject


def test_a_certificate_that_is_its_own_authority_serves_where_the_operator_says_so(tmp_path):
    """`openssl req -x509` makes them so, unless told otherwise."""
    known = directory(tmp_path, (f"{MARIE}.pem", pki.pem(own_authority())))
    assert known.find(MARIE)


def own_authority():
    key = sealing.rsa_key(MARIE)
    built = pki.named("Personne fictive", key, None)
    built = built.add_extension(pki.x509.BasicConstraints(True, None), True)
    return built.sign(key, pki.hashes.SHA256())


@pytest.mark.parametrize(
    ("capabilities", "preferred", "gcm", "oaep"),
    [
        (b"", Preferences(), False, ""),
        (pki.READS_GCM, Preferences(), True, ""),
        (b"", Preferences(gcm=frozenset({MARIE})), True, ""),
        (b"", Preferences(gcm=frozenset({"@cabinet.example"})), True, ""),
        (
            b"",
            Preferences(gcm=frozenset({PAUL}), oaep=frozenset({"@cabinet.example"})),
            0,
            "sha256",
        ),
        (b"\x30\x03\x30\x01\x05", Preferences(), False, ""),  # damaged: as if it said nothing
        (oaep("sha384"), Preferences(), False, "sha384"),
        (oaep("sha1"), Preferences(), False, ""),  # the default of 1998
    ],
)
def test_what_somebodys_program_reads(tmp_path, capabilities, preferred, gcm, oaep):
    certificate = pki.Authority().issue(MARIE, capabilities=capabilities)
    known = directory(tmp_path, ("a.pem", pki.pem(certificate)))
    known.preferences = preferred
    reader = known.find(MARIE)
    assert (reader.gcm, reader.oaep) == (gcm, oaep)


# With anchors: a path and no revocation, or no certificate.


def trusting(folder, revocation="off", **changes):
    for name in ("anchors", "kept", "crls", "certificates"):
        (folder / name).mkdir(exist_ok=True)
    trust = Trust(
        Anchors(folder / "anchors"), Revocations(folder / "kept", folder / "crls"), revocation
    )
    return Directory(
        folder / "certificates", clock=lambda: sealing.RECEIVED, trust=trust, **changes
    )


ROOT = pki.Authority("Racine fictive")
BETWEEN = pki.Authority("Autorité intermédiaire", ROOT)
STRANGER = pki.Authority("Autorité inconnue")
NARROW = pki.Authority("Autorité d'un autre", ROOT, permitted="hopital.example")
LATE = pki.Authority("Autorité finie", ROOT, days=(-100, -1))


@pytest.mark.parametrize(
    ("anchors", "beside", "issuer", "standing"),
    [
        ((ROOT,), (BETWEEN,), BETWEEN, Standing.USED),
        ((BETWEEN,), (), BETWEEN, Standing.USED),
        ((ROOT,), (), ROOT, Standing.USED),
        ((ROOT,), (), BETWEEN, Standing.NO_PATH),  # nobody gave what is between
        ((ROOT,), (STRANGER,), STRANGER, Standing.NO_PATH),
        ((ROOT,), (NARROW,), NARROW, Standing.NO_PATH),
        ((ROOT,), (LATE,), LATE, Standing.NO_PATH),
        ((), (ROOT,), ROOT, Standing.NO_PATH),  # anchors asked for, and none there
    ],
)
def test_a_path_leads_to_an_anchor(tmp_path, anchors, beside, issuer, standing):
    book = trusting(tmp_path)
    (tmp_path / "anchors" / "a.pem").write_bytes(pki.pem(*(one.certificate for one in anchors)))
    several = (issuer.issue(MARIE), *(one.certificate for one in beside))
    (tmp_path / "certificates" / "m.pem").write_bytes(pki.pem(*several))
    [(_, known)] = list(book.every())
    assert book.standing(known) is standing
    assert (book.find(MARIE) is not None) is (standing is Standing.USED)


@pytest.mark.parametrize(
    ("extended", "standing"),
    [
        (ExtendedKeyUsageOID.EMAIL_PROTECTION, Standing.USED),  # what public authorities must say
        (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, Standing.USED),
        (ExtendedKeyUsageOID.CLIENT_AUTH, Standing.NO_PATH),
    ],
)
def test_an_authority_that_is_limited_must_be_for_mail(tmp_path, extended, standing):
    limited = pki.Authority("Autorité limitée", ROOT, extended=extended)
    book = trusting(tmp_path)
    (tmp_path / "anchors" / "a.pem").write_bytes(pki.pem(ROOT.certificate))
    several = pki.pem(limited.issue(MARIE), limited.certificate)
    (tmp_path / "certificates" / "m.pem").write_bytes(several)
    [(_, known)] = list(book.every())
    assert book.standing(known) is standing


@pytest.mark.parametrize(("issuer", "used"), [(BETWEEN, True), (NARROW, False)])
def test_an_address_in_the_subject_does_not_escape_a_constraint_on_names(tmp_path, issuer, used):
    book = trusting(tmp_path)
    (tmp_path / "anchors" / "a.pem").write_bytes(pki.pem(ROOT.certificate))
    several = pki.pem(issuer.issue(MARIE, in_subject=True), issuer.certificate)
    (tmp_path / "certificates" / "m.pem").write_bytes(several)
    assert (book.find(MARIE) is not None) is used


def test_a_single_certificate_may_be_trusted_by_itself(tmp_path):
    trusted, other = sealing.certificate(MARIE), sealing.certificate(MARIE)
    book = trusting(tmp_path)
    (tmp_path / "anchors" / "m.pem").write_bytes(trusted)
    (tmp_path / "certificates" / "other.pem").write_bytes(other)
    assert book.find(MARIE) is None  # of the same name and key
    (tmp_path / "certificates" / "m.pem").write_bytes(trusted)
    os.utime(tmp_path / "certificates", ns=(1, 1))
    assert pki.pem(book.find(MARIE).certificate) == trusted


LISTED = pki.Authority("Autorité à liste", crl=CRL)
HERS, OTHER = LISTED.issue(MARIE), LISTED.issue(PAUL)


@pytest.mark.parametrize(
    ("revocation", "fetched", "standing"),
    [
        ("required", LISTED.revoking(OTHER), Standing.USED),
        ("required", LISTED.revoking(HERS), Standing.REVOKED),
        ("required", None, Standing.UNKNOWN),
        ("required", LISTED.revoking(OTHER, days=(-9, -1)), Standing.UNKNOWN),
        ("required", LISTED.revoking(HERS, days=(-9, -1)), Standing.REVOKED),
        ("known", None, Standing.USED),
        ("known", LISTED.revoking(HERS), Standing.REVOKED),
        ("off", LISTED.revoking(HERS), Standing.USED),
    ],
)
def test_what_is_revoked_is_not_used(tmp_path, revocation, fetched, standing):
    book = trusting(tmp_path, revocation)
    (tmp_path / "anchors" / "a.pem").write_bytes(pki.pem(LISTED.certificate))
    (tmp_path / "certificates" / "m.pem").write_bytes(pki.pem(HERS))
    if fetched:
        (tmp_path / "kept" / crl_name(CRL)).write_bytes(fetched)
    [(_, known)] = list(book.every())
    assert book.standing(known) is standing
    assert (book.find(MARIE) is not None) is (standing is Standing.USED)


def test_an_answer_or_a_list_of_the_operators_serves_as_well(tmp_path):
    for place, said in (
        (tmp_path / "1" / "crls" / "a.crl", LISTED.revoking()),
        (tmp_path / "2" / "kept" / ocsp_name(HERS), LISTED.answering(HERS)),
    ):
        place.parents[1].mkdir()
        book = trusting(place.parents[1], "required")
        (place.parents[1] / "anchors" / "a.pem").write_bytes(pki.pem(LISTED.certificate))
        (place.parents[1] / "certificates" / "m.pem").write_bytes(pki.pem(HERS))
        assert book.find(MARIE) is None
        place.write_bytes(said)
        book.trust._judged.clear()  # a minute later
        assert book.find(MARIE)


def test_the_authority_between_may_be_revoked_too(tmp_path):
    top = pki.Authority("Racine à liste", crl=CRL)
    below = pki.Authority("Sous la racine", top, crl="http://crl.autorite.example/below.crl")
    book = trusting(tmp_path, "required")
    (tmp_path / "anchors" / "a.pem").write_bytes(pki.pem(top.certificate))
    several = pki.pem(below.issue(MARIE), below.certificate)
    (tmp_path / "certificates" / "m.pem").write_bytes(several)
    (tmp_path / "kept" / crl_name(below.crl)).write_bytes(below.revoking())
    (tmp_path / "kept" / crl_name(CRL)).write_bytes(top.revoking(below.certificate))
    [(_, known)] = list(book.every())
    assert book.standing(known) is Standing.REVOKED
