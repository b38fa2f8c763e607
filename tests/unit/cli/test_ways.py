"""The ways to sign in, as the command line checks and shows them."""

from __future__ import annotations

import asyncio

import pytest

from gateway.store.accounts import Accounts
from gateway.store.database import Database
from gateway.store.identities import Identities, Person
from gateway.store.keys import load_hmac, load_public
from gateway.store.passkeys import Passkeys

OIDC = "console: {oidc: {issuer: https://auth.chu.example, client_id: x, client_secret: s}}\n"
LDAP = "console: {ldap: {host: 127.0.0.1, base: dc=x, auth: s, ca: ca.pem}}\n"
GROUPS = (
    'console: {ldap: {host: 127.0.0.1, base: dc=x, groups: {"cn=dpo": {roles: [officer]%s}}}}\n'
)
SEVERAL = """\
compartments:
  syndicat: {senders: ["cse@chu.example"], officers: [cse@chu.example]}
"""


@pytest.mark.parametrize(
    ("more", "files", "told"),
    [
        (OIDC, {"s": ""}, "not a client's secret on one line"),
        (OIDC, {"s": "a\nb\n"}, "not a client's secret on one line"),
        (LDAP, {"s": "user: a\npassword: b\n", "ca.pem": "x"}, "not an authority's certificate"),
        (LDAP, {"s": "password: s3cr3t-too\n", "ca.pem": ""}, "not a user and a password"),
        (GROUPS % "" + SEVERAL, {}, "group cn=dpo: whose mail? name some of default, syndicat"),
        (GROUPS % ", compartments: [sindicat]" + SEVERAL, {}, "whose mail?"),
    ],
)
def test_check_tells_what_is_wrong_with_a_way_to_sign_in(
    vaguemestre, configured, more, files, told
):
    for name, content in files.items():
        (configured / name).write_text(content)
    path = configured / "gateway.yaml"
    path.write_text(path.read_text() + more)
    checked = vaguemestre("config", "check")
    assert checked.status == 2
    assert told in checked.out + checked.err
    assert "s3cr3t" not in checked.out + checked.err


def test_check_is_content_with_a_sound_one_and_never_shows_its_secret(vaguemestre, configured):
    (configured / "s").write_text("s3cr3t-of-the-client\n")
    path = configured / "gateway.yaml"
    path.write_text(path.read_text() + OIDC)
    assert vaguemestre("config", "check").status == 0
    assert "s3cr3t" not in vaguemestre("config", "show").out


def test_list_shows_how_each_account_is_entered(vaguemestre, configured):
    database = Database.open(f"sqlite:///{configured}/vaguemestre.db")
    keys, secret = load_public(configured / "keys"), load_hmac(configured / "keys")
    accounts, passkeys = Accounts(database, keys, secret), Passkeys(database, keys, secret)

    async def people():
        for name in ("claire", "paul", "lea"):
            token = await accounts.add(name, ("officer",))
        await accounts.redeem(token, "x")
        await Identities(database, secret).admit(Person("oidc", "claire", "7"))
        await accounts.succeeded("claire", way="oidc")
        await passkeys.add("lea", b"one", b"key", 0, "Téléphone")
        await accounts.succeeded("lea", way="passkey")

    asyncio.run(people())
    listed = {line.split()[0]: line for line in vaguemestre("users", "list").out.splitlines()}
    assert "fournisseur d'identité" in listed["claire"]
    assert "mot de passe, clé d'accès (1)" in listed["lea"]
    assert "invité" in listed["paul"]
    assert "clés d'accès retirées, 1." in vaguemestre("users", "forget-passkeys", "lea").out
    assert "clé d'accès (" not in vaguemestre("users", "list").out
    assert vaguemestre("users", "forget-identity", "claire").status == 0
    assert asyncio.run(accounts.get("claire")).subject == ""
    for command in ("forget-passkeys", "forget-identity"):
        assert vaguemestre("users", command, "personne").status == 1
    database.close()
