"""A real directory (OpenLDAP's slapd) of our own: its configuration, data and certificate in a
scratch folder, its ports on 127.0.0.1; stopped when the tests of a file end."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import pkcs7

from tests.e2e.gateway import eventually
from tests.e2e.postfix import free_port
from tests.makers import pki, sealing

BASE = "dc=chu,dc=example"
PEOPLE, GROUPS = f"ou=people,{BASE}", f"ou=groups,{BASE}"
READER, READERS_PASSWORD = f"cn=reader,{BASE}", "lit seulement"
PASSWORD = "un mot de passe d'annuaire é"

CORRESPONDENT = "dr.exemple@cabinet.example"
MOBILE = "06 39 98 00 01"
AUTHORITY = pki.Authority("Autorité de l'annuaire")
CERTIFICATE = AUTHORITY.issue(CORRESPONDENT, key=sealing.ec_key(CORRESPONDENT))
SECOND = AUTHORITY.issue(CORRESPONDENT, key=sealing.ec_key("second"))

_CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile {root}/slapd.pid
TLSCACertificateFile {root}/ca.pem
TLSCertificateFile {root}/server.pem
TLSCertificateKeyFile {root}/server.pem
allow bind_anon_dn
database mdb
suffix "{base}"
directory {root}/data
index objectClass,uid,cn eq
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="{people}" by dn.exact="{reader}" read by self read by anonymous auth
access to * by dn.exact="{reader}" read by self read by anonymous auth
"""
_PEOPLE = {  # uid -> mail
    "claire": "claire@chu.example",
    "paul": "paul@chu.example",
    "sans-adresse": "",
    "claire*": "star@chu.example",  # what an unescaped filter would make of itself
}
_MEMBERS = {"dpo": ("claire", "sans-adresse"), "informatique": ("paul",)}


@dataclass(frozen=True)
class Running:
    port: int
    tls_port: int
    ca: Path
    log: Path

    def binds(self, name: str) -> int:
        """How often somebody tried to be that entry."""
        return self.log.read_text(errors="replace").count(f'BIND dn="{name}"')

    def connections(self) -> int:
        """That began until now; the log may still tell, later, how they ended."""
        return self.log.read_bytes().count(b" ACCEPT ")


@contextmanager
def running(root: Path) -> Iterator[Running]:
    """Skips where there is no slapd; fails where there must be one."""
    slapd = shutil.which("slapd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if slapd is None:
        missing = "missing: slapd (apt-get install slapd)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    ca = trustme.CA()
    ca.cert_pem.write_to_path(root / "ca.pem")
    ca.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(
        root / "server.pem"
    )
    _write(root, slapd)
    plain, tls = free_port(), free_port()
    urls = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{tls}"
    with (root / "log").open("wb") as log:
        command = [slapd, "-f", str(root / "slapd.conf"), "-h", urls, "-d", "stats"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        eventually(lambda: _answers(plain), "slapd never answered")
        yield Running(plain, tls, root / "ca.pem", root / "log")
    finally:
        process.terminate()
        process.wait(20)


def _write(root: Path, slapd: str) -> None:
    (root / "data").mkdir()
    about = {"root": root, "base": BASE, "people": PEOPLE, "reader": READER}
    (root / "slapd.conf").write_text(_CONFIGURATION.format(**about))
    (root / "people.ldif").write_text(_entries(), "utf-8")
    adding = ["-T", "add", "-q", "-f", str(root / "slapd.conf"), "-l", str(root / "people.ldif")]
    subprocess.run([slapd, *adding], check=True, capture_output=True)


def _entries() -> str:
    entries = [
        f"dn: {BASE}\nobjectClass: domain\ndc: chu",
        *(f"dn: {one}\nobjectClass: organizationalUnit\nou: x" for one in (PEOPLE, GROUPS)),
        f"dn: {READER}\nobjectClass: person\ncn: reader\nsn: r\nuserPassword: {READERS_PASSWORD}",
    ]
    groups = {uid: [] for uid in _PEOPLE}
    for group, members in _MEMBERS.items():
        lines = [f"member: uid={uid},{PEOPLE}" for uid in members]
        head = f"dn: cn={group},{GROUPS}\nobjectClass: groupOfNames\ncn: {group}"
        entries.append("\n".join([head, *lines]))
        for uid in members:
            groups[uid].append(f"memberOf: cn={group},{GROUPS}")
    for uid, mail in _PEOPLE.items():
        about = [f"dn: uid={uid},{PEOPLE}", "objectClass: inetOrgPerson", f"uid: {uid}"]
        about += ["cn: deux", "sn: x", f"userPassword: {PASSWORD}", *groups[uid]]
        if mail:  # a title that would give away a whole domain, if it were taken for an address
            about += [f"mail: {mail}", f"title: {mail}", "title: @chu.example"]
        entries.append("\n".join(about))
    entries.append(_correspondent())
    return "\n\n".join(entries) + "\n"


def _correspondent() -> str:
    """One certificate by itself, another one in a PKCS #7 with its authority."""
    der = pki.Encoding.DER
    several = pkcs7.serialize_certificates([SECOND, AUTHORITY.certificate], der)
    binary = [
        ("userCertificate;binary", CERTIFICATE.public_bytes(der)),
        ("userSMIMECertificate", several),
    ]
    lines = [f"{name}:: {base64.b64encode(value).decode()}" for name, value in binary]
    head = f"dn: uid=exemple,{PEOPLE}\nobjectClass: inetOrgPerson\nuid: exemple\ncn: E\nsn: E"
    phones = [f"mobile: {one}" for one in ("poste 12", MOBILE, "+33 6 39 98 99 99")]
    return "\n".join([head, f"mail: {CORRESPONDENT}", *phones, *lines])


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
