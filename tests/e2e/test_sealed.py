"""Encrypted mail as its recipient gets it from the running gateway: verified, then opened.

S/MIME is opened with openssl, the PDF with pikepdf and the secret from the sender's notice. Both
bear our DKIM signature: mail that we changed can bear nobody else's.
"""

from __future__ import annotations

import io
import re
import shutil
import ssl
import subprocess
import tempfile
import time
import zipfile
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import dkim
import httpx
import pikepdf
import pytest
import pyzipper
import trustme
from pysequoia import decrypt

from tests import opendkim
from tests.e2e import parcels
from tests.e2e.gateway import Gateway, Internet, eventually
from tests.e2e.postfix import Postfix, free_port
from tests.e2e.test_incidents import SENDER, s1, send
from tests.fakes import NextHop
from tests.makers import mssante, openpgp, pki, sealing, signing
from tests.unit.act.test_sign import record

COLLEAGUE = "confrere@cabinet.example"  # whose certificate we have
FROM = "ch.example"  # domain of the From of the made mails
VISITOR = "patient@portail.example"  # who has a browser
PATIENT = "patiente@domicile.example"  # without one; her certificate is revoked
MODERN = "moderne@cabinet.example"  # whose certificate is of a curve, and who reads GCM
KEYED = "keyed@cabinet.example"  # whose OpenPGP key we have
STALE = "stale@cabinet.example"  # whose key is revoked
ARCHIVIST = "archiviste@labo.example"  # who asked for ZIP
DOCTOR = "dr.test@medecin.mssante.fr"  # of the space, whom our operator reaches
OWN = "service@ch-x.mssante.fr"  # under which our sender writes there
NOBODY = "nobody@labo.example"  # to whom no channel leads
IGC = trustme.CA()
SECRET = re.compile(r"\b[a-z0-9]{4,6}(?:-[a-z0-9]{4,6}){2,4}\b")


@pytest.fixture(scope="module")
def operator():
    """Of our organisation, in the MSSanté space: TLS from the first byte."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    IGC.issue_cert("127.0.0.1").configure_cert(context)
    one = Internet(NextHop(says={}, tls=context, implicit=True))
    one.up()
    yield one
    one.down()


def space(root: Path) -> dict[str, object]:
    """The sections by which one may write there."""
    IGC.cert_pem.write_to_path(root / "igc.pem")
    (root / "senders.csv").write_text(f"{SENDER};{OWN}\n@{FROM};{OWN}\n")
    (root / "liste.xml").write_bytes(mssante.white_list())
    return {"senders": str(root / "senders.csv"), "white_list": {"source": str(root / "liste.xml")}}


@pytest.fixture(scope="module")
def sealing_gateway(tmp_path_factory, one_internet, operator):
    tmp_path: Path = tmp_path_factory.mktemp("sealing")
    (tmp_path / "dkim.pem").write_bytes(sealing.pem(sealing.rsa_key("dkim")))
    folder = tmp_path / "certificates"
    folder.mkdir()
    (folder / f"{COLLEAGUE}.pem").write_bytes(sealing.certificate(COLLEAGUE, now=time.time()))
    smime = authorities(tmp_path, folder)
    (tmp_path / "ed25519.pem").write_text(signing.made("ed25519").private)
    keys = [
        {"domain": FROM, "selector": "s1", "key": str(tmp_path / "dkim.pem")},
        {"domain": FROM, "selector": "e1", "key": str(tmp_path / "ed25519.pem")},
    ]
    ring = tmp_path / "openpgp"
    ring.mkdir()
    (ring / "key.asc").write_text(str(openpgp.public(KEYED)))
    (ring / f"{STALE}.asc").write_text(str(openpgp.revoked(STALE)))
    port = free_port()
    more = {
        "certificates": str(folder),
        "smime": smime,
        "dkim": keys,
        "portal": {"listen": f"127.0.0.1:{port}", "url": f"http://127.0.0.1:{port}"},
        "channels_for": {VISITOR: ["portal"], NOBODY: []},
        "openpgp": {"keys": str(ring)},
        "zip": {"recipients": [ARCHIVIST]},
        "mssante": space(tmp_path),
        "relay": {
            "default": {"host": "127.0.0.1", "port": one_internet.hop.port, "tls": "none"},
            "routes": {
                "*.mssante.fr": {
                    "host": "127.0.0.1",
                    "port": operator.hop.port,
                    "mode": "implicit",
                    "tls": "verified",
                    "ca": str(tmp_path / "igc.pem"),
                }
            },
        },
    }
    gateway = Gateway(tmp_path / "gateway", one_internet.hop.port, more)
    gateway.start()
    yield gateway
    gateway.stop()


def authorities(root: Path, folder: Path) -> dict[str, object]:
    """Trust in the colleague's certificate and in one authority, which revoked the patient's."""
    authority = pki.Authority("Autorité du jour", now=datetime.now(UTC))
    revoked = authority.issue(PATIENT, key=sealing.ec_key(PATIENT))
    (folder / "revoked.pem").write_bytes(pki.pem(revoked))
    modern = authority.issue(MODERN, key=sealing.ec_key(MODERN))
    (folder / "modern.pem").write_bytes(pki.pem(modern))
    anchors, crls = root / "anchors", root / "crls"
    anchors.mkdir()
    crls.mkdir()
    (anchors / "authority.pem").write_bytes(pki.pem(authority.certificate))
    (anchors / "colleague.pem").write_bytes((folder / f"{COLLEAGUE}.pem").read_bytes())
    (crls / "authority.crl").write_bytes(authority.revoking(revoked))
    return {"anchors": str(anchors), "crls": str(crls), "gcm": [MODERN]}


def verified(content: bytes) -> bool:
    return dkim.verify(content, dnsfunc=lambda name, timeout=5: record())


@pytest.mark.e2e
def test_a_colleague_opens_it_with_his_key(sealing_gateway, internet, tmp_path):
    original = s1()
    assert send(sealing_gateway.smtp, original, COLLEAGUE) == 250
    [taken] = eventually(lambda: internet.for_(COLLEAGUE))
    assert verified(taken.content)
    assert not verified(taken.content.replace(b"Subject: ", b"Subject: x", 1))
    made = signing.made("ed25519")
    records = {f"s1._domainkey.{FROM}": record().decode(), made.name: made.record}
    assert opendkim.verdicts(tmp_path, records, [taken.content]) == [{"s1": "pass", "e1": "pass"}]
    (tmp_path / "key.pem").write_bytes(sealing.pem(sealing.rsa_key(COLLEAGUE)))
    (tmp_path / "sealed.eml").write_bytes(taken.content)
    opened = subprocess.run(
        ["openssl", "cms", "-decrypt", "-in", "sealed.eml", "-inkey", "key.pem"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    ).stdout
    found = [part.get_payload(decode=True) for part in message_from_bytes(opened).walk()]
    assert [p.get_payload(decode=True) for p in message_from_bytes(original).walk()][1:] == [
        part for part in found if part is not None
    ]


@pytest.mark.e2e
def test_a_modern_program_is_sent_what_tells_of_any_change(sealing_gateway, internet, tmp_path):
    assert send(sealing_gateway.smtp, s1(), MODERN) == 250
    [taken] = eventually(lambda: internet.for_(MODERN))
    assert verified(taken.content)
    assert message_from_bytes(taken.content).get_param("smime-type") == "authEnveloped-data"
    (tmp_path / "key.pem").write_bytes(sealing.pem(sealing.ec_key(MODERN)))
    (tmp_path / "sealed.eml").write_bytes(taken.content)
    command = "openssl cms -decrypt -in sealed.eml -inkey key.pem"
    opened = subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True).stdout
    assert b'hp="cipher"' in opened


@pytest.mark.e2e
def test_a_patient_opens_the_pdf_with_what_the_sender_was_told(sealing_gateway, internet):
    original = s1()
    assert send(sealing_gateway.smtp, original, PATIENT) == 250
    [taken] = eventually(lambda: internet.for_(PATIENT))
    assert verified(taken.content)
    [document] = [
        part.get_payload(decode=True)
        for part in message_from_bytes(taken.content).walk()
        if part.get_content_type() == "application/pdf"
    ]
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(document))
    [secret] = eventually(lambda: {s for one in internet.for_(SENDER) for s in told(one.content)})
    with pikepdf.open(io.BytesIO(document), password=secret) as opened:
        whole = bytes(opened.attachments["message.eml"].get_file().read_bytes())
    assert original in whole


def told(notice: bytes) -> list[str]:
    body = next(part for part in message_from_bytes(notice).walk() if not part.is_multipart())
    return SECRET.findall(body.get_payload(decode=True).decode())


@pytest.mark.e2e
def test_a_visitor_reads_it_on_the_portal_with_the_code_and_answers(sealing_gateway, internet):
    original = s1()
    assert send(sealing_gateway.smtp, original, VISITOR) == 250
    [taken] = eventually(lambda: internet.for_(VISITOR))
    assert verified(taken.content)
    assert b"Auto-Submitted" not in taken.content
    link = parcels.link(internet, VISITOR)
    code, _ = parcels.code(internet, SENDER, VISITOR)
    assert code not in parcels.texts(taken.content)
    with httpx.Client(follow_redirects=True, timeout=60) as browser:
        assert browser.get(link).status_code == 200
        page = browser.post(link, data={"code": code})
        assert "fiche demandée" in page.text
        assert browser.get(f"{page.url}/message.eml").content == original
        csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)[1]
        files = {"fichiers": ("réponse\r\nBcc: x.txt", b"merci", "text/plain")}
        said = browser.post(
            f"{page.url}/reponse", data={"csrf": csrf, "texte": "Bien reçu."}, files=files
        )
        assert said.status_code == 200
    assert httpx.post(link, data={"code": code}, timeout=60).status_code == 403  # it is spent
    eventually(lambda: parcels.letters(internet, SENDER, "a été ouvert"))
    [answer] = eventually(lambda: parcels.letters(internet, SENDER, "Bien reçu."))
    assert "merci" in answer
    assert "Bcc" not in {
        name for one in internet.for_(SENDER) for name in message_from_bytes(one.content)
    }
    logs = sealing_gateway.said()
    assert not any(secret in logs for secret in (link.rpartition("/")[2], code, VISITOR))


@pytest.fixture
def postfix(behind, sealing_gateway, one_internet):
    """After its queue, our gateway: one answer for each recipient."""
    folder = Path(tempfile.mkdtemp(prefix="vaguemestre-postfix-"))  # its users must look in
    made = Postfix(folder, "after-queue", sealing_gateway.lmtp, one_internet.hop.port)
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.e2e
def test_one_message_takes_every_way_through_a_real_postfix(
    sealing_gateway, postfix, internet, operator
):
    """Each recipient by the first way that fits him, whoever has none in the officers' hands."""
    original = s1()
    kinds = {
        COLLEAGUE: "application/pkcs7-mime",
        MODERN: "application/pkcs7-mime",
        KEYED: "multipart/encrypted",
        STALE: "multipart/mixed",
        PATIENT: "multipart/mixed",
        ARCHIVIST: "multipart/mixed",
        VISITOR: "multipart/alternative",
    }
    sealing_gateway.as_new()
    eventually((sealing_gateway.root / "var" / "mssante" / "white-list").exists)
    assert send(postfix.port, original, *kinds, DOCTOR, NOBODY) == 250
    eventually(lambda: all(internet.for_(address) for address in kinds))
    eventually(lambda: not postfix.queue())
    taken = {address: internet.for_(address) for address in kinds}
    assert {address: len(copies) for address, copies in taken.items()} == dict.fromkeys(kinds, 1)
    found = {address: message_from_bytes(copies[0].content) for address, copies in taken.items()}
    assert {address: mail.get_content_type() for address, mail in found.items()} == kinds
    assert all(verified(copies[0].content) for copies in taken.values())
    assert internet.for_(NOBODY) == []
    [hold] = sealing_gateway.held()
    assert hold["recipients"] == [NOBODY]

    [entered] = operator.taken
    assert internet.for_(DOCTOR) == []
    assert entered.tls
    assert entered.mail.startswith(f"MAIL FROM:<{OWN}>")
    assert entered.content.endswith(original.partition(b"\r\n\r\n")[2])
    assert message_from_bytes(entered.content)["From"] == f"Service Exemple <{OWN}>"
    assert b"DKIM-Signature" not in entered.content

    sealed = found[KEYED].get_payload()[1].get_payload(decode=True)
    inside = decrypt(sealed, openpgp.secret(KEYED).decryptor()).bytes
    assert original.partition(b"\r\n\r\n")[2] in inside
    archive = found[ARCHIVIST].get_payload()[1].get_payload(decode=True)
    secrets = eventually(
        lambda: (
            len(known := {s for one in internet.for_(SENDER) for s in told(one.content)}) == 2
            and known
        )
    )
    assert any(original in opened for secret in secrets for opened in unzipped(archive, secret))
    assert all(b"fiche" not in one.content for one in internet.taken)


def unzipped(archive: bytes, secret: str) -> list[bytes]:
    """message.eml of the archive inside, where this is its secret."""
    try:
        with pyzipper.AESZipFile(io.BytesIO(archive)) as outer:
            inner = outer.read("message.zip", secret.encode())
    except RuntimeError:
        return []
    with zipfile.ZipFile(io.BytesIO(inner)) as box:
        return [box.read("message.eml")]
