"""Encrypted mail as its recipient gets it from the running gateway: verified, then opened.

S/MIME is opened with openssl, the PDF with pikepdf and the secret from the sender's notice. Both
bear our DKIM signature: mail that we changed can bear nobody else's.
"""

from __future__ import annotations

import io
import re
import subprocess
import time
from email import message_from_bytes
from pathlib import Path

import dkim
import pikepdf
import pytest

from tests import opendkim
from tests.e2e.gateway import Gateway, eventually
from tests.e2e.test_incidents import SENDER, s1, send
from tests.makers import sealing, signing
from tests.unit.act.test_sign import record

COLLEAGUE = "confrere@cabinet.example"  # whose certificate we have
FROM = "ch.example"  # domain of the From of the made mails
PATIENT = "patiente@domicile.example"  # without one
SECRET = re.compile(r"\b[a-z0-9]{4,6}(?:-[a-z0-9]{4,6}){2,4}\b")


@pytest.fixture(scope="module")
def sealing_gateway(tmp_path_factory, one_internet):
    tmp_path: Path = tmp_path_factory.mktemp("sealing")
    (tmp_path / "dkim.pem").write_bytes(sealing.pem(sealing.rsa_key("dkim")))
    folder = tmp_path / "certificates"
    folder.mkdir()
    (folder / f"{COLLEAGUE}.pem").write_bytes(sealing.certificate(COLLEAGUE, now=time.time()))
    (tmp_path / "ed25519.pem").write_text(signing.made("ed25519").private)
    keys = [
        {"domain": FROM, "selector": "s1", "key": str(tmp_path / "dkim.pem")},
        {"domain": FROM, "selector": "e1", "key": str(tmp_path / "ed25519.pem")},
    ]
    more = {"certificates": str(folder), "dkim": keys}
    gateway = Gateway(tmp_path / "gateway", one_internet.hop.port, more)
    gateway.start()
    yield gateway
    gateway.stop()


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
