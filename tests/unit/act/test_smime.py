"""S/MIME: opened with the real openssl."""

import email
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import header, outside, smime, smime_signature
from gateway.act.certificates import Directory, Preferences
from gateway.act.method import Means
from gateway.errors import Misconfigured
from tests.makers import pki, sealing

MARIE, PAUL, HIDDEN = "marie@cabinet.example", "paul@cabinet.example", "hidden@cabinet.example"
openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl missing")


@pytest.fixture
def means(tmp_path):
    for address in (MARIE, PAUL, HIDDEN):
        (tmp_path / f"{address}.pem").write_bytes(sealing.certificate(address))
    known = Directory(tmp_path, clock=lambda: sealing.RECEIVED)
    return Means(known, pdf=False, ours=lambda address: address.endswith("@ch.example"))


def seal(means, mail):
    return smime.seal(means, mail, outside.of(mail), mail.envelope.addresses)


def opened(sealed, address, folder, key=None):
    """As `openssl cms` reads a mail: S/MIME form in, exact bytes out. A key that is not the
    recipient's gives None or, of CBC and one time in 256, noise: RFC 3218's answer to whoever
    would learn from errors."""
    (folder / "mail").write_bytes(sealed)
    (folder / "key").write_bytes(sealing.pem(key or sealing.rsa_key(address)))
    command = ["openssl", "cms", "-decrypt", "-in", "mail", "-inkey", "key", "-binary"]
    done = subprocess.run(command, cwd=folder, capture_output=True)
    return done.stdout if done.returncode == 0 else None


def says_nothing(inside):
    return inside is None or b"Content-Type" not in inside


@openssl
def test_openssl_finds_every_byte_of_the_original_inside(means, tmp_path):
    mail = sealing.mail(sealing.message(files=(("r%C3%A9sultats.pdf", bytes(range(256)) * 99),)))
    (sealed,) = seal(means, mail)
    inside = opened(sealed.content, MARIE, tmp_path)
    assert header.split(inside)[1] == header.split(mail.content)[1]
    before, after = header.read(header.split(mail.content)[0]), header.read(header.split(inside)[0])
    kept = [raw for name, raw in after.fields if name not in (b"hp-outer", b"content-type")]
    assert kept == [raw for name, raw in before.fields if name != b"content-type"]


@openssl
def test_another_key_opens_nothing(means, tmp_path):
    (sealed,) = seal(means, sealing.mail())
    assert not says_nothing(opened(sealed.content, MARIE, tmp_path))
    assert says_nothing(opened(sealed.content, PAUL, tmp_path))


def test_the_outside_says_nothing(means):
    (sealed,) = seal(means, sealing.mail())
    mail = email.message_from_bytes(sealed.content)
    assert mail.get_content_type() == "application/pkcs7-mime"
    assert mail.get_param("smime-type") == "enveloped-data"
    assert mail["Content-Transfer-Encoding"] == "base64"
    lines = sealed.content.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert b"\n" not in b"".join(lines)


@openssl
def test_the_cipher_is_aes_256(means, tmp_path):
    (sealed,) = seal(means, sealing.mail())
    (tmp_path / "mail").write_bytes(sealed.content)
    command = ["openssl", "cms", "-cmsout", "-print", "-in", "mail"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    assert b"aes-256-cbc" in told


@openssl
def test_those_who_see_each_other_share_a_message_and_the_hidden_one_does_not(means, tmp_path):
    mail = sealing.mail(
        sealing.message(f"To: {MARIE}", f"Cc: {PAUL.upper()}"), to=(MARIE, HIDDEN, PAUL)
    )
    shared, alone = seal(means, mail)
    assert shared.recipients == (MARIE, PAUL)
    assert alone.recipients == (HIDDEN,)
    assert opened(shared.content, MARIE, tmp_path) == opened(shared.content, PAUL, tmp_path)
    assert says_nothing(opened(shared.content, HIDDEN, tmp_path))
    assert not says_nothing(opened(alone.content, HIDDEN, tmp_path))
    assert says_nothing(opened(alone.content, MARIE, tmp_path))


def payload(content):
    return smime.payload(content, outside.of(sealing.mail(content)))


def test_header_protection_as_rfc_9788_has_it():
    assert payload(sealing.message()) == (
        b"From: =?utf-8?q?H=C3=A9l=C3=A8ne?= <helene@ch.example>\r\n"
        b"To: Marie <marie@cabinet.example>\r\n"
        b"Subject: =?utf-8?q?R=C3=A9sultats?=\r\n"
        b"Date: Mon, 23 Nov 2026 14:31:00 +0100\r\n"
        b"Message-ID: <abc@ch.example>\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: text/plain; charset=utf-8;\r\n hp="cipher"\r\n'
        b"Content-Transfer-Encoding: 8bit\r\n"
        b"HP-Outer: From: helene@ch.example\r\n"
        b"HP-Outer: To: marie@cabinet.example\r\n"
        b"HP-Outer: Date: Mon, 23 Nov 2026 14:31:00 +0100\r\n"
        b"HP-Outer: Message-ID: <abc@ch.example>\r\n"
        b"HP-Outer: Subject: =?utf-8?q?Message_chiffr=C3=A9?=\r\n"
        b"\r\n"
        b"Bonjour,\r\nLes r\xc3\xa9sultats sont joints.\r\n"
    )


def test_a_mail_without_a_type_gets_the_default_one():
    inside = payload(b"From: helene@ch.example\r\nHP-Outer: Subject: faux\r\n\r\nA\r\n")
    assert email.message_from_bytes(inside).get_param("hp") == "cipher"
    assert b"faux" not in inside  # a sender's own HP-Outer would lie about our outside


@pytest.mark.parametrize(
    "head",
    [
        b'Content-Type: text/plain; x="open\r\n',
        b"Content-Type: text/plain (note\r\n",
        b'Content-Type: text/plain; x="\\"\r\n',
        b"Content-Type: text/plain\r\nContent-Type: text/html\r\n",
        b"no field at all\r\n",
        b"A: bare\nB: b\r\n",
    ],
)
def test_an_odd_mail_is_enclosed_whole(head):
    content = b"From: helene@ch.example\r\n" + head + b"\r\nBonjour\r\n"
    assert payload(content).partition(b"\r\n\r\n")[2] == content


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_the_body_is_never_changed(body):
    content = b"From: helene@ch.example\r\nContent-Type: a/b;\r\n\r\n" + body
    assert header.split(payload(content))[1] == body


@openssl
@settings(deadline=None, max_examples=40)
@given(body=st.binary(max_size=2000))
def test_any_body_comes_back_from_openssl(tmp_path_factory, body):
    folder = tmp_path_factory.mktemp("open")
    (folder / "a.pem").write_bytes(sealing.certificate(MARIE))
    known = Directory(folder, clock=lambda: sealing.RECEIVED)
    means = Means(known, pdf=False, ours=bool)
    mail = sealing.mail(b"From: helene@ch.example\r\n\r\n" + body)
    (sealed,) = seal(means, mail)
    assert header.split(opened(sealed.content, MARIE, folder))[1] == body


READS_GCM, CURVE = "gcm@cabinet.example", "curve@cabinet.example"
ISSUER = pki.Authority()


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """Marie and Paul read RSA and CBC, one more a curve, another one GCM."""
    folder = tmp_path_factory.mktemp("certificates")
    for address in (MARIE, PAUL, READS_GCM):
        (folder / f"{address}.pem").write_bytes(pki.pem(ISSUER.issue(address)))
    curve = ISSUER.issue(CURVE, key=sealing.ec_key(CURVE))
    (folder / f"{CURVE}.pem").write_bytes(pki.pem(curve))
    preferences = Preferences(gcm=frozenset({READS_GCM}))
    book = Directory(folder, clock=lambda: sealing.RECEIVED, preferences=preferences)
    return Means(book, pdf=False, ours=bool)


@openssl
def test_those_of_one_mail_are_served_by_what_they_read(several, tmp_path):
    """Old programs fail on a CMS that names a curve, even for whom it names by RSA."""
    everybody = (MARIE, CURVE, READS_GCM, PAUL)
    mail = sealing.mail(sealing.message("To: " + ", ".join(everybody)), to=everybody)
    rsa, curve, gcm = seal(several, mail)
    assert [one.recipients for one in (rsa, curve, gcm)] == [(MARIE, PAUL), (CURVE,), (READS_GCM,)]
    kinds = [email.message_from_bytes(one.content).get_param("smime-type") for one in (rsa, gcm)]
    assert kinds == ["enveloped-data", "authEnveloped-data"]
    keys = {address: sealing.rsa_key(address) for address in everybody}
    keys[CURVE] = sealing.ec_key(CURVE)
    inside = {
        opened(one.content, address, tmp_path, keys[address])
        for one in (rsa, curve, gcm)
        for address in one.recipients
    }
    assert inside == {payload(mail.content)}


def signing(folder, key=None):
    key = key or sealing.rsa_key("gateway")
    signs = ISSUER.issue("passerelle@ch.example", key=key, allowed={"digital_signature": True})
    (folder / "own.pem").write_bytes(pki.pem(signs, ISSUER.certificate))
    (folder / "own.key").write_bytes(sealing.pem(key))
    return smime_signature.load(folder / "own.pem", folder / "own.key")


@openssl
@pytest.mark.parametrize("kind", ["RSA", "curve"])
@pytest.mark.parametrize("recipient", [MARIE, READS_GCM])
def test_the_gateway_signs_before_it_enciphers(several, tmp_path, kind, recipient):
    several.certificates.signer = signing(
        tmp_path, sealing.ec_key("own") if kind != "RSA" else None
    )
    try:
        mail = sealing.mail(sealing.message(f"To: {recipient}"), to=(recipient,))
        (sealed,) = seal(several, mail)
    finally:
        several.certificates.signer = None
    (tmp_path / "signed").write_bytes(opened(sealed.content, recipient, tmp_path))
    (tmp_path / "root.pem").write_bytes(pki.pem(ISSUER.certificate))
    command = (
        f"openssl cms -verify -binary -in signed -CAfile root.pem -attime {int(mail.received)}"
    )
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    inside = email.message_from_bytes(done.stdout)
    assert done.stdout == payload(mail.content)
    assert inside.get_param("hp") == "cipher"  # RFC 9788: the fields inside are those to show
    assert inside["Subject"] != email.message_from_bytes(sealed.content)["Subject"]


@pytest.mark.parametrize(
    ("certificate", "key"),
    [
        (b"", sealing.pem(sealing.rsa_key("gateway"))),
        (pki.pem(ISSUER.issue(MARIE)), sealing.pem(sealing.rsa_key("gateway"))),  # another's
        (pki.pem(ISSUER.issue(MARIE)), b""),
        (pki.pem(ISSUER.issue(MARIE)), sealing.pem(ed25519.Ed25519PrivateKey.generate())),
    ],
)
def test_a_signature_that_cannot_be_is_refused_at_the_start(tmp_path, certificate, key):
    (tmp_path / "own.pem").write_bytes(certificate)
    (tmp_path / "own.key").write_bytes(key)
    with pytest.raises(Misconfigured):
        smime_signature.load(tmp_path / "own.pem", tmp_path / "own.key")


POOL = [
    *(sealing.rsa_key(f"pool {bits}", bits) for bits in (1024, 2048, 3072)),
    *(ec.generate_private_key(curve()) for curve in (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)),
    *(ec.generate_private_key(curve()) for curve in (ec.SECP256K1, ec.SECP224R1)),
]
USES = ("digital_signature", "key_encipherment", "data_encipherment", "key_agreement")


@openssl
@settings(deadline=None, max_examples=60)
@given(
    key=st.sampled_from(POOL),
    days=st.tuples(st.integers(-9, 2), st.integers(3, 9)),
    allowed=st.sets(st.sampled_from(USES)),
    capabilities=st.sampled_from([b"", pki.READS_GCM]),
    oaep=st.booleans(),
)
def test_what_we_seal_opens_or_we_said_no(tmp_path_factory, key, days, allowed, capabilities, oaep):
    folder = tmp_path_factory.mktemp("any")
    certificate = ISSUER.issue(
        MARIE, key=key, days=days, allowed=dict.fromkeys(allowed, True), capabilities=capabilities
    )
    (folder / "a.pem").write_bytes(pki.pem(certificate))
    preferences = Preferences(oaep=frozenset({MARIE} if oaep else ()))
    book = Directory(folder, clock=lambda: sealing.RECEIVED, preferences=preferences)
    means, mail = Means(book, pdf=False, ours=bool), sealing.mail()
    if smime.fits(means, mail, MARIE):
        (sealed,) = seal(means, mail)
        assert opened(sealed.content, MARIE, folder, key) == payload(mail.content)
    else:
        weak = not isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size < 2048
        wrong = (
            "key_agreement" if isinstance(key, ec.EllipticCurvePrivateKey) else "key_encipherment"
        )
        other = getattr(getattr(key, "curve", None), "name", "") in ("secp256k1", "secp224r1")
        assert weak or other or wrong not in allowed or days[0] > 0
