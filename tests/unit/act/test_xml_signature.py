"""The white list's own signature, made by xmlsec1 as its publisher makes it; what is none."""

import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.act import white_list
from gateway.act.white_list import Unusable
from gateway.act.xml_signature import Signer
from tests.makers import mssante
from tests.makers.pki import NOW, Authority, named
from tests.makers.sealing import rsa_key

pytestmark = pytest.mark.skipif(not shutil.which("xmlsec1"), reason="xmlsec1 missing")
NAME, ANOTHER = "alb.liste.example", "alb.ailleurs.example"
HEALTH, STRANGER = Authority("IGC fictive"), Authority("Autorité étrangère")
C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
TEMPLATE = f"""<ds:Signature xmlns:ds="{DSIG}"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="{C14N}"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{DSIG}enveloped-signature"/>
<ds:Transform Algorithm="{C14N}"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/>
</ds:Reference></ds:SignedInfo><ds:SignatureValue/>
<ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>
"""


def certificate(name=NAME, authority=HEALTH, days=(-10, 10), key=NAME):
    built = named(name, rsa_key(key), authority, days)
    return built.sign(authority.key, hashes.SHA256())


def signed(tmp_path, template=TEMPLATE, key=NAME, leaf=None, document=None):
    """By xmlsec1."""
    secret = rsa_key(key).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(secret)
    (tmp_path / "leaf.pem").write_bytes((leaf or certificate()).public_bytes(Encoding.PEM))
    (tmp_path / "list.xml").write_bytes(document or mssante.white_list(more=template))
    pair = f"{tmp_path}/key.pem,{tmp_path}/leaf.pem"
    command = ["xmlsec1", "--sign", "--privkey-pem", pair, str(tmp_path / "list.xml")]
    return subprocess.run(command, capture_output=True, check=True).stdout


def domains(document, authority=HEALTH, now=NOW):
    signer = Signer(NAME, (authority.certificate,))
    return white_list.names(document, lambda root: signer.signed(root, now)).domains


def test_what_its_publisher_signed_is_read(tmp_path):
    assert domains(signed(tmp_path)) == set(mssante.DOMAINS)


def test_white_space_and_comments_of_the_document_are_as_they_were_signed(tmp_path):
    document = mssante.white_list(more=f"<!-- tous -->\n  {TEMPLATE}\n").replace(b"\n", b"\r\n")
    assert domains(signed(tmp_path, document=document)) == set(mssante.DOMAINS)


CHANGED = {
    "a domain": lambda d: d.replace(b"ch-x.mssante.fr", b"ch-y.mssante.fr"),
    "one more": lambda d: d.replace(b"</ListeDomaines>", b"<Domaine/></ListeDomaines>"),
    "unsigned": lambda d: mssante.white_list(),
    "its digest": lambda d: d.replace(b"<ds:DigestValue>", b"<ds:DigestValue>AAAA"),
    "no digest": lambda d: _emptied(d, b"ds:DigestValue"),
    "no value": lambda d: _emptied(d, b"ds:SignatureValue"),
    "no certificate": lambda d: _emptied(d, b"ds:X509Certificate"),
    "a certificate that is none": lambda d: d.replace(b"Certificate>MII", b"Certificate>MIA", 1),
    "of a part alone": lambda d: d.replace(b'URI=""', b'URI="#x"'),
    "wrapped": lambda d: _wrapped(d),
    "twice": lambda d: d.replace(b"</ds:Signature>", b"</ds:Signature>" + _signature(d), 1),
    "deeper": lambda d: d.replace(_signature(d), b"<x>" + _signature(d) + b"</x>"),
    "by HMAC": lambda d: d.replace(b"#rsa-sha256", b"#hmac-sha256"),
    "a transform more": lambda d: d.replace(b"</ds:Transforms>", _XSLT + b"</ds:Transforms>"),
}
_XSLT = b'<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'


def _signature(document):
    begin, end = document.index(b"<ds:Signature "), document.index(b"</ds:Signature>")
    return document[begin : end + len(b"</ds:Signature>")]


def _emptied(document, name):
    before, _, rest = document.partition(b"<" + name + b">")
    return before + b"<" + name + b">" + rest[rest.index(b"</") :]


def _wrapped(document):
    """The signed list inside another, whose domains come first."""
    inner = document.partition(b"?>\n")[2]
    outer = mssante.white_list("voleur.example")
    return outer.replace(b"</ListeBlancheMSSante>", inner + b"</ListeBlancheMSSante>")


@pytest.mark.parametrize("how", CHANGED)
def test_what_was_changed_is_refused_whole(tmp_path, how):
    document = CHANGED[how](signed(tmp_path))
    with pytest.raises(Unusable, match="signature"):
        domains(document)


@pytest.mark.parametrize(
    "leaf",
    [
        lambda: certificate(ANOTHER),
        lambda: certificate(authority=STRANGER),
        lambda: certificate(days=(-10, -1)),
        lambda: certificate(days=(1, 10)),
        lambda: certificate(key=ANOTHER),
    ],
    ids=["another's name", "a stranger's", "ended", "not begun", "another's key"],
)
def test_whoever_else_signs_is_not_believed(tmp_path, leaf):
    document = signed(tmp_path)
    theirs = leaf().public_bytes(Encoding.PEM).decode().split("-----")[2].strip()
    begin, end = document.index(b"Certificate>") + 12, document.index(b"</ds:X509Certificate")
    with pytest.raises(Unusable, match="signature"):
        domains(document[:begin] + theirs.encode() + document[end:])


@pytest.mark.parametrize(
    "changed",
    [
        (C14N, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        ("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha512"),
        ("http://www.w3.org/2001/04/xmlenc#sha256", f"{DSIG}sha1"),
    ],
    ids=["another canonical form", "another signature", "SHA-1"],
)
def test_another_profile_is_none(tmp_path, changed):
    document = signed(tmp_path, TEMPLATE.replace(*changed))
    with pytest.raises(Unusable, match="signature"):
        domains(document)
