"""Sign-in against a real directory (slapd), and against servers that answer what nobody asked."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager

import pyotp
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from typer.testing import CliRunner

from gateway import ledger_parts
from gateway.act.sms import number_of
from gateway.cli.main import app
from gateway.config import read_config
from gateway.console.ways.groups import Grant
from gateway.console.ways.ldap import Directory
from gateway.ldap import ber, certificates, lookup, staff, wire
from gateway.ldap import directory as ldap
from gateway.ldap.directory import Terms
from gateway.ldap.wire import Away, Connection
from gateway.likeness import keys
from gateway.means import certificate_duties, certificate_parts, telephones
from gateway.means.staff_care import AGAIN_SECONDS, Doubtful, Roll, StaffCare
from gateway.store.accounts import FREE_FAILURES
from gateway.store.database import Database
from gateway.store.keys import make_keys
from gateway.store.staff import Source, Staff
from tests import directory
from tests.directory import GROUPS, PASSWORD, PEOPLE, READER, READERS_PASSWORD
from tests.makers import pki, sealing
from tests.release import Quiet
from tests.stores import ANY, Store, fresh
from tests.unit.console.conftest import PASSWORD as OURS
from tests.unit.console.conftest import Console, post, told

CONTEXT = ssl.create_default_context()
GRANTS = {f"CN=dpo,{GROUPS}": Grant(("officer",), ("cardio",))}


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    with directory.running(tmp_path_factory.mktemp("slapd")) as one:
        yield one


@pytest.fixture
def store(tmp_path):
    one = Store(fresh(ANY, tmp_path), tmp_path)
    yield one
    one.database.close()


def a_directory(slapd, clock=lambda: 0.0, **changes):
    where = {"host": "127.0.0.1", "port": slapd.tls_port, "base": PEOPLE, "groups": "memberOf"}
    how = {"security": "implicit", "reader": READER, "password": READERS_PASSWORD}
    context = ssl.create_default_context(cafile=changes.pop("ca", slapd.ca))
    grants = changes.pop("grants", {})
    asked = ldap.Directory(Terms(**where | how | changes), context, clock)
    return Directory("l'annuaire", asked, grants)


def a_console(store, slapd, **changes):
    return Console(store, ways={"ldap": a_directory(slapd, store.clock, **changes)})


async def enter(browser, name, password=PASSWORD, code=""):
    data = {"name": name, "password": password, "code": code}
    return await browser.post("/entree", data=data)


WAYS = {
    "TLS at once": {},
    "StartTLS": {"security": "starttls", "port": "plain"},
    "in clear on this machine": {"security": "none", "port": "plain"},
    "by template": {"template": f"uid={{}},{PEOPLE}", "reader": "", "base": ""},
    "groups by a search": {"group_base": GROUPS, "groups": "none"},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_person_is_recognised_with_address_and_groups(slapd, run, way):
    changes = {k: slapd.port if v == "plain" else v for k, v in WAYS[way].items()}
    asked = a_directory(slapd, grants=GRANTS, **changes)
    person = run(asked.recognise("Claire", PASSWORD))
    assert (person.name, person.address) == ("claire", "claire@chu.example")
    assert (person.roles, person.compartments) == (("officer",), ("cardio",))
    assert run(asked.recognise("paul", PASSWORD)).roles == ()
    assert run(asked.recognise("claire", "faux")) is None
    assert run(asked.recognise("personne", PASSWORD)) is None
    assert asked.away == 0.0


@pytest.mark.parametrize("password", ["", "\0", "\0" + PASSWORD])
@pytest.mark.parametrize("template", ["", f"uid={{}},{PEOPLE}"])
def test_an_empty_password_never_binds(slapd, run, password, template):
    """A directory takes it for a wish to stay anonymous, and says yes."""
    reader = "" if template else READER
    asked = a_directory(slapd, template=template, reader=reader)
    assert run(asked.recognise("claire", password)) is None


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "claire*",
        "cl*re",
        "claire)(uid=*",
        "claire\\2a",
        "claire,ou=people",
        "claire\0",
        "é",
        "",
    ],
)
def test_a_name_that_would_mean_more_than_itself_never_reaches_the_directory(slapd, run, name):
    before = slapd.connections()
    assert run(a_directory(slapd).recognise(name, PASSWORD)) is None
    assert slapd.connections() == before
    run(a_directory(slapd).recognise("claire", PASSWORD))
    assert slapd.connections() > before


def test_a_value_in_a_filter_is_only_itself(slapd, run):
    async def walk():
        context = ssl.create_default_context(cafile=slapd.ca)
        connection = await Connection.open("127.0.0.1", slapd.tls_port, "implicit", context)
        await connection.bind(READER, READERS_PASSWORD)
        for value in ("*", "c*", "claire)(uid=paul", "\\2a"):
            assert await connection.search(PEOPLE, (("uid", value),), ("mail",), most=2) == ()
        (star,) = await connection.search(PEOPLE, (("uid", "claire*"),), ("mail",), most=2)
        assert star.attributes == {"mail": ("star@chu.example",)}
        await connection.close()

    run(walk())


def test_of_two_entries_of_one_name_nobody_is_meant(slapd, run):
    assert run(a_directory(slapd, account="cn").recognise("deux", PASSWORD)) is None


def test_what_else_must_hold_of_an_entry_holds(slapd, run):
    right, wrong = (("objectClass", "inetOrgPerson"),), (("sn", "autre"),)
    assert run(a_directory(slapd, equal=right).recognise("claire", PASSWORD))
    assert run(a_directory(slapd, equal=wrong).recognise("claire", PASSWORD)) is None


@pytest.mark.parametrize("security", ["implicit", "starttls"])
def test_a_directory_that_nobody_vouches_for_is_not_told_a_password(slapd, run, tmp_path, security):
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    port = slapd.tls_port if security == "implicit" else slapd.port
    ca = tmp_path / "other.pem"
    asked = a_directory(slapd, lambda: 1.0, ca=ca, security=security, port=port)
    with pytest.raises(Away, match="tls"):
        run(asked.recognise("claire", PASSWORD))
    assert asked.away == 1.0


def test_a_reader_that_is_refused_is_the_directory_s_trouble_and_nobody_s_wrong_password(
    store, slapd, run
):
    async def walk():
        console = a_console(store, slapd, password="faux")
        await console.desk.accounts.add("claire", ("officer",))
        with capture_logs() as logged:
            answer = await enter(console.browser(), "claire")
        assert answer.status_code == 401
        assert "Pas de réponse de l&#39;annuaire" in answer.text
        assert logged[-1]["why"] == "reader refused"
        assert (await console.desk.accounts.get("claire")).failures == 0
        await console.signed_in("paul", "officer")

    run(walk())


def test_an_account_without_password_of_ours_is_entered_by_the_directory(store, slapd, run):
    async def walk():
        console = a_console(store, slapd)
        await console.desk.accounts.add("claire", ("officer",))
        browser = console.browser()
        assert (await enter(browser, "Claire")).status_code == 303
        assert (await browser.get("/compte")).status_code == 200
        assert await told(console, "signed in") == [("claire", "way=ldap")]
        assert (await console.desk.accounts.get("claire")).entered_by == "ldap"
        assert (await enter(console.browser(), "paul")).status_code == 401, "no account"
        await console.desk.accounts.disable("claire", True, "root")
        assert (await enter(console.browser(), "claire")).status_code == 401

    run(walk())


def test_a_password_of_ours_is_never_shown_to_the_directory(store, slapd, run):
    async def walk():
        console = a_console(store, slapd)
        await console.account("claire", "officer")
        before = slapd.binds(f"uid=claire,{PEOPLE}")
        assert (await enter(console.browser(), "claire", OURS)).status_code == 303
        assert (await enter(console.browser(), "claire", PASSWORD)).status_code == 401
        assert slapd.binds(f"uid=claire,{PEOPLE}") == before

    run(walk())


def test_wrong_passwords_lock_here_so_that_the_directory_is_not_hammered(store, slapd, run):
    async def walk():
        console = a_console(store, slapd)
        await console.desk.accounts.add("claire", ("officer",))
        before = slapd.binds(f"uid=claire,{PEOPLE}")
        for name in ("claire", "CLAIRE", "Claire", "claire", "cLaire", "claire", "claire"):
            assert (await enter(console.browser(), name, "faux")).status_code == 401
        assert slapd.binds(f"uid=claire,{PEOPLE}") - before == FREE_FAILURES
        assert (await enter(console.browser(), "claire")).status_code == 401, "locked"
        assert ("claire", f"way=ldap failures={FREE_FAILURES}") in await told(
            console, "sign-in failed"
        )
        console.store.now += 61
        assert (await enter(console.browser(), "claire")).status_code == 303

    run(walk())


def test_groups_make_accounts_and_names_without_one_are_not_tried_for_ever(store, slapd, run):
    async def walk():
        console = a_console(store, slapd, grants=GRANTS)
        assert (await enter(console.browser(), "claire")).status_code == 303
        account = await console.desk.accounts.get("claire")
        assert (account.origin, account.roles) == ("ldap", ("officer",))
        assert account.address_hash
        answer = await enter(console.browser(), "sans-adresse")
        assert answer.status_code == 403
        assert "adresse de messagerie manque" in answer.text
        before = slapd.binds(f"uid=paul,{PEOPLE}")
        for _ in range(FREE_FAILURES + 3):
            assert (await enter(console.browser(), "paul", "faux")).status_code == 401
        assert slapd.binds(f"uid=paul,{PEOPLE}") - before == FREE_FAILURES
        console.store.now += 601
        answer = await enter(console.browser(), "paul")
        assert answer.status_code == 403
        assert "Aucun" not in answer.text, "he has no account to lose"
        assert "pas de compte ici" in answer.text

    run(walk())


def test_a_second_factor_is_asked_for_beside_the_directory_s_password(store, slapd, run):
    async def walk():
        console = a_console(store, slapd)
        await console.desk.accounts.add("claire", ("officer",))
        browser = console.browser()
        await enter(browser, "claire")
        shown = await post(browser, "/compte/second-facteur")
        secret = shown.text.split('name="secret" value="')[1].split('"')[0]
        code = pyotp.TOTP(secret).at(int(console.store.now))
        right = {"secret": secret, "code": code}
        assert (await post(browser, "/compte/second-facteur/en-place", right)).status_code == 303
        assert (await enter(console.browser(), "claire")).status_code == 401
        assert (await enter(console.browser(), "claire", code=code)).status_code == 303
        assert (await enter(console.browser(), "claire", code=code)).status_code == 401, "used"

    run(walk())


def test_who_signed_in_long_ago_signs_in_again_before_a_second_factor(store, slapd, run):
    async def walk():
        console = a_console(store, slapd)
        await console.desk.accounts.add("claire", ("officer",))
        browser = console.browser()
        await enter(browser, "claire")
        console.store.now += 601
        answer = await post(browser, "/compte/second-facteur")
        assert answer.status_code == 422
        assert "dix minutes" in answer.text
        page = (await browser.get("/compte")).text
        assert "Nouveau mot de passe" not in page, "it is the directory's"
        assert (await post(browser, "/compte/mot-de-passe", {"new": OURS})).status_code == 422

    run(walk())


@asynccontextmanager
async def answering(*answers, then=None):
    """A server that says these, one after the other, whatever it is asked."""

    async def serve(reader, writer):
        for answer in answers:
            await reader.read(4096)
            writer.write(answer)
            await writer.drain()
        if then:
            await then(reader, writer)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def message(number, operation):
    return ber.element(ber.SEQUENCE, ber.integer(number), operation)


def result(tag, code):
    return ber.element(tag, ber.integer(code, ber.ENUMERATED), ber.octets(""), ber.octets(""))


BIND_OK = result(0x61, 0)
STRANGE = {
    "another message's": message(7, BIND_OK),
    "another kind": message(1, result(0x65, 0)),
    "too big": bytes((0x30, 0x84)) + (2**31).to_bytes(4, "big"),
    "of no length": b"\x30\x80\x02\x01\x01\x00\x00",
    "not a message": message(1, BIND_OK).replace(b"\x30", b"\x31", 1),
    "cut short inside": ber.element(ber.SEQUENCE, b"\x02\x01\x01\x61\x20"),
    "empty": b"\x30\x00",
    "noise": b"HTTP/1.1 400 Bad Request\r\n\r\n",
}


@pytest.mark.parametrize("answer", STRANGE)
def test_what_nobody_asked_for_is_no_yes(run, answer):
    async def walk():
        async with answering(STRANGE[answer]) as port:
            connection = await Connection.open("127.0.0.1", port, "none", CONTEXT)
            with pytest.raises(Away):
                await asyncio.wait_for(connection.bind("cn=x", "y"), 60)
            await connection.close()

    run(walk())


@pytest.mark.parametrize("password", ["", "\0"])
def test_an_empty_password_is_not_even_sent_to_a_server_that_would_say_yes(run, password):
    async def walk():
        async with answering(message(1, BIND_OK)) as port:
            connection = await Connection.open("127.0.0.1", port, "none", CONTEXT)
            assert await connection.bind("cn=x", password) is False
            await connection.close()

    run(walk())


def test_a_search_that_never_ends_is_left(run):
    async def walk():
        reference = message(1, ber.element(0x73, ber.octets("ldap://elsewhere.example")))
        async with answering(reference * 100) as port:
            connection = await Connection.open("127.0.0.1", port, "none", CONTEXT)
            with pytest.raises(Away, match="too many"):
                await connection.search("dc=x", (("uid", "x"),), ("mail",), most=2)
            await connection.close()

    run(walk())


@pytest.mark.parametrize(("code", "fits"), [(0, True), (49, False), (53, False), (19, False)])
def test_a_bind_is_a_yes_a_no_or_the_directory_s_trouble(run, code, fits):
    async def bound(code):
        async with answering(message(1, result(0x61, code))) as port:
            connection = await Connection.open("127.0.0.1", port, "none", CONTEXT)
            try:
                return await connection.bind("cn=x", "y")
            finally:
                await connection.close()

    assert run(bound(code)) is fits
    for trouble in (1, 10, 51, 52, 80):  # 10: a referral, which is not followed
        with pytest.raises(Away):
            run(bound(trouble))


def test_a_directory_that_says_nothing_is_left_after_a_while(run, monkeypatch):
    monkeypatch.setattr(ldap, "SECONDS", 0.05)

    async def walk():
        async with answering(b"") as port:
            terms = Terms("127.0.0.1", port, "none", "dc=x")
            with pytest.raises(Away, match="timeout"):
                await ldap.Directory(terms, CONTEXT).find("claire", "x")

    run(walk())


@pytest.mark.parametrize(
    "answer", [b"", message(1, result(0x78, 52)), b"noise"], ids=["nothing", "a no", "noise"]
)
def test_a_connection_that_is_not_encrypted_is_closed(run, monkeypatch, answer):
    """Whoever logs in again and again would have us keep one for each time."""
    monkeypatch.delattr(asyncio.StreamWriter, "__del__", raising=False)  # older Pythons have none
    parted = asyncio.Event()

    async def until_it_parts(reader, writer):
        await reader.read()
        parted.set()

    async def walk():
        async with answering(answer, then=until_it_parts) as port:
            with pytest.raises((Away, TimeoutError)):
                async with asyncio.timeout(0.2 if not answer else 60):
                    await Connection.open("127.0.0.1", port, "starttls", CONTEXT)
            await asyncio.wait_for(parted.wait(), 60)

    run(walk())


def test_an_answer_slipped_in_before_the_encryption_is_not_taken_for_one_after_it(run):
    """Behind the yes to StartTLS, in clear: "your password is right"."""
    authority = trustme.CA()
    ours, theirs = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(ours)
    authority.issue_cert("127.0.0.1").configure_cert(theirs)

    async def encrypt(reader, writer):
        await writer.start_tls(theirs)

    async def walk():
        yes, slipped = message(1, result(0x78, 0)), message(2, BIND_OK)
        async with answering(yes + slipped, then=encrypt) as port:
            connection = await Connection.open("127.0.0.1", port, "starttls", ours)
            await connection.bind("cn=x", "y")

    with pytest.raises(Away):
        run(walk())


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data):
    try:
        found, end = ber.read(data)
        assert end <= len(data)
        assert found.tag == data[0]
    except ber.Malformed:
        pass


@given(st.binary(max_size=300), st.integers(-(2**40), 2**40))
def test_what_is_written_is_read_again(content, number):
    written = ber.element(ber.SEQUENCE, ber.octets(content), ber.integer(number))
    found, end = ber.read(written + b"more")
    assert end == len(written)
    first, second = found.inner
    assert (first.content, second.number) == (content, number)


# Certificates of correspondents, which the same server has.


def certificates_of(slapd, address, **changes):
    where = {"host": "127.0.0.1", "port": slapd.tls_port, "base": directory.BASE}
    how = {"security": "implicit", "reader": READER, "password": READERS_PASSWORD}
    context = ssl.create_default_context(cafile=slapd.ca)
    asked = certificates.CertificateDirectory(lookup.Terms(**where | how | changes), context)
    return asyncio.run(asked.of(address))


def test_the_certificates_of_an_address_are_found(slapd):
    found = certificates_of(slapd, directory.CORRESPONDENT.upper())
    assert set(found) == {
        directory.CERTIFICATE,
        directory.SECOND,
        directory.AUTHORITY.certificate,
    }


@pytest.mark.parametrize("address", ["paul@chu.example", "absent@chu.example", "*", "a)(mail=*"])
def test_of_whom_there_is_none_none_is_found(slapd, address):
    assert certificates_of(slapd, address) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"password": "faux"}, "reader refused"), ({"port": 1}, "unreachable")],
)
def test_a_directory_of_certificates_that_cannot_be_asked(slapd, changes, code):
    with pytest.raises(Away) as away:
        certificates_of(slapd, directory.CORRESPONDENT, **changes)
    assert away.value.code == code


def test_the_number_of_a_recipient_is_found_as_it_is_configured(slapd, tmp_path):
    (tmp_path / "reader.yaml").write_text(f"user: {READER}\npassword: {READERS_PASSWORD}\n")
    where = f"host: 127.0.0.1, port: {slapd.tls_port}, base: '{directory.BASE}'"
    (tmp_path / "gateway.yaml").write_text(
        "domains: [ch.example]\n"
        'portal: {url: "https://p.ch.example", sms: {url: "https://sms.example/"}, '
        f"telephones: {{{where}, auth: reader.yaml, ca: {slapd.ca}}}}}\n"
    )
    told = read_config(tmp_path / "gateway.yaml").portal.telephones
    known = telephones.of(told, Quiet())
    assert asyncio.run(known(directory.CORRESPONDENT)) == number_of(directory.MOBILE)
    assert asyncio.run(known("paul@chu.example")) == ""


def test_a_door_that_is_configured_for_it_finds_a_recipients_certificate(slapd, tmp_path):
    (tmp_path / "anchors").mkdir()
    (tmp_path / "anchors" / "a.pem").write_bytes(pki.pem(directory.AUTHORITY.certificate))
    (tmp_path / "reader.yaml").write_text(f"user: {READER}\npassword: {READERS_PASSWORD}\n")
    where = f"host: 127.0.0.1, port: {slapd.tls_port}, base: '{directory.BASE}'"
    (tmp_path / "gateway.yaml").write_text(
        "domains: [ch.example]\ndata: .\n"
        f"smime: {{anchors: anchors, revocation: known, ldap: {{{where}, "
        f"auth: reader.yaml, ca: {slapd.ca}}}}}\n"
    )
    make_keys(tmp_path / "keys")
    settings = read_config(tmp_path / "gateway.yaml")
    book = certificate_parts.directory(settings)
    book.clock = lambda: sealing.RECEIVED
    assert book.find(directory.CORRESPONDENT) is None
    search = certificate_duties.search(settings, Quiet())
    search.clock, search.seconds = book.clock, 60.0
    asyncio.run(search(sealing.mail(to=(directory.CORRESPONDENT, "absent@cabinet.example"))))
    assert book.find(directory.CORRESPONDENT).certificate in (
        directory.CERTIFICATE,
        directory.SECOND,
    )


# Staff, all of them, a page at a time.


def roll_of(slapd, store, **changes):
    where = {"host": "127.0.0.1", "port": slapd.tls_port, "base": PEOPLE}
    how = {"security": "implicit", "reader": READER, "password": READERS_PASSWORD}
    context = ssl.create_default_context(cafile=slapd.ca)
    known = Staff(store.database, keys)
    terms = staff.Terms(**where | how | changes)
    return Roll(terms, context, lambda address: address.endswith("@chu.example"), known)


async def on_roll(roll):
    return {address for address, source in await roll.staff.list() if source == "ldap"}


STAFF = {"claire@chu.example", "paul@chu.example", "star@chu.example"}


@pytest.mark.parametrize("page", [1, 2, 500])
def test_staff_are_taken_from_the_directory_page_by_page(slapd, store, run, monkeypatch, page):
    """Nobody from outside, and no title that looks like an address."""
    monkeypatch.setattr(wire, "_PAGE", page)

    async def walk():
        roll = roll_of(slapd, store, addresses=("mail", "title", "proxyAddresses"))
        await roll.staff.replace(["gone@chu.example"], Source.LDAP)
        assert (await roll.call(dry=True)).gone == 1
        assert await on_roll(roll) == {"gone@chu.example"}, "nothing is done that was only asked"
        change = await roll.call()
        assert (change.found, change.added, change.gone) == (3, 3, 1)
        assert await on_roll(roll) == STAFF
        alone = roll_of(slapd, store, equal=(("uid", "paul"),))
        await alone.call()
        assert await on_roll(alone) == {"paul@chu.example"}

    run(walk())


@pytest.mark.parametrize(
    ("changes", "raised"),
    [
        ({"password": "faux"}, Away),
        ({"port": 1}, Away),
        ({"base": GROUPS}, Doubtful),
        ({"base": "ou=absent,dc=chu,dc=example"}, Away),
    ],
    ids=["password", "port", "nobody", "base"],
)
def test_a_directory_that_cannot_be_asked_takes_nobody_away(slapd, store, run, changes, raised):
    async def walk():
        roll = roll_of(slapd, store, **changes)
        await roll.staff.replace(STAFF, Source.LDAP)
        with pytest.raises(raised):
            await roll.call(any_change=True)
        assert await on_roll(roll) == STAFF

    run(walk())


def test_a_list_that_lost_most_is_not_taken_by_itself_and_asked_for_again(slapd, store, run):
    async def walk():
        roll = roll_of(slapd, store)
        many = {f"p{number}@chu.example" for number in range(30)}
        await roll.staff.replace(many, Source.LDAP)
        care = StaffCare(roll, 3600.0, Quiet())
        await care(1000.0)
        assert await on_roll(roll) == many
        assert care.due == 1000.0 + AGAIN_SECONDS
        assert (await roll.call(any_change=True)).gone == 30, "whoever asks for it gets it"
        await care(care.due - 1)
        await care(care.due)
        assert care.due == 1000.0 + AGAIN_SECONDS + 3600.0
        assert await on_roll(roll) == STAFF

    run(walk())


def test_the_directory_of_staff_is_read_from_the_configuration(slapd, tmp_path):
    (tmp_path / "reader.yaml").write_text(f"user: {READER}\npassword: {READERS_PASSWORD}\n")
    where = f"host: 127.0.0.1, port: {slapd.tls_port}, base: '{PEOPLE}', ca: {slapd.ca}"
    (tmp_path / "gateway.yaml").write_text(
        f"domains: [chu.example]\ndata: {tmp_path}\ndatabase: sqlite:///{tmp_path}/x.db\n"
        f"history: {{ldap: {{{where}, auth: reader.yaml, hours: 2}}}}\n"
    )
    config = ["--config", str(tmp_path / "gateway.yaml")]
    runner = CliRunner()
    dry = runner.invoke(app, ["directory", "sync", "--dry-run", *config])
    assert (dry.exit_code, "3 nouvelles" in dry.stdout) == (0, True)
    assert runner.invoke(app, ["directory", "list", *config]).stdout == ""
    assert runner.invoke(app, ["directory", "sync", *config]).exit_code == 0
    listed = runner.invoke(app, ["directory", "list", *config]).stdout
    assert all(f"{address}  LDAP" in listed for address in STAFF)
    settings = read_config(tmp_path / "gateway.yaml")
    database = Database.open(settings.database)
    (care,) = ledger_parts.staff_care(settings, database, Quiet())
    database.close()
    assert care.every == 2 * 3600.0
