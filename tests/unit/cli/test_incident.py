"""`vaguemestre incident`: a mail to the address for it, as an MTA hands it over; and what waits."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
import structlog

from gateway import ledger_parts
from gateway.cli.incident import AGAIN
from gateway.config import read_config
from gateway.errors import Temporary
from gateway.heard import Heard
from gateway.means import incident_taking
from gateway.model import Disposition, Inspection, Receipt, Reply
from gateway.store.correspondents import Lesson
from gateway.store.database import Database
from gateway.store.keys import load_private
from tests.makers.held import a_mail

HERE, ANNE, PAUL = "pas-pour-moi@chu.example", "anne@chu.example", "paul@chu.example"
READER = "j.durand@domicile.example"
TEXT = "Bonjour,\n\nCe message n'est pas pour moi.\n"


def mail(text=TEXT, *, to=HERE, sender=f"Jean Durand <{READER}>", head=""):
    return f"From: {sender}\nTo: {to}\n{head}Subject: Re: votre dossier\n\n{text}".encode()


def quoted(who):
    return f"{TEXT}\nLe 23 nov. 2026, {who} a écrit :\n> Madame Canari, NIR 2 79 01\n"


def forwarded(who):
    """As a mail program attaches it."""
    head = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="x"\n'
    body = (
        f"--x\n\n{TEXT}\n--x\nContent-Type: message/rfc822\n\n"
        f"From: Anne Petit\n <{who}>\nTo: {READER}\nSubject: Canari\n\nCanari\n--x--\n"
    )
    return mail(body, head=head)


@pytest.fixture
def house(configured):
    with (configured / "gateway.yaml").open("a") as file:
        file.write(f"incidents: {{address: {HERE}}}\n")
    return configured


@pytest.fixture
def asked(house):
    """Asks the store something, and leaves it closed."""
    config = read_config(house / "gateway.yaml")

    def of(work):
        database = Database.open(config.database)
        try:
            return asyncio.run(work(config, database))
        finally:
            database.close()

    return of


@pytest.fixture
def wrote(asked):
    """That one of ours wrote to somebody, as the ledger learns it."""

    def learn(sender, recipient=READER):
        lesson = Lesson(sender, (recipient,), date.today().toordinal())
        asked(lambda config, db: ledger_parts.correspondents(config, db).learn([lesson]))

    return learn


@pytest.fixture
def found(asked, house):
    """The incidents: who wrote to whom, and whether that is stopped."""

    def every():
        keys = load_private(house / "keys")
        page = asked(lambda config, db: ledger_parts.incidents(config, db).page())
        return [(one.parties(keys).sender, one.parties(keys).recipient, one.stops) for one in page]

    return every


def take(vaguemestre, content):
    return vaguemestre("incident", "--from-mail", stdin=content)


@pytest.mark.parametrize(
    "content",
    [
        mail(to=f"{ANNE}, {HERE}"),
        mail(head=f"Cc: Anne <{ANNE}>\n"),
        mail(quoted(f"Anne Petit <{ANNE.upper()}>")),
        mail(f"{TEXT}\n-----Message d'origine-----\nDe : Anne Petit <{ANNE}>\nÀ : moi\n"),
        mail(TEXT + "x\n" * 4000 + f"> > From: {ANNE}\n"),
        forwarded(ANNE),
        mail(quoted(ANNE)).replace(b"\n", b"\r\n"),
    ],
    ids=["answered", "in copy", "quoted", "forwarded in French", "long", "attached", "crlf"],
)
def test_who_wrote_is_seen_where_the_ledger_knows_it_the_pair_is_stopped(
    vaguemestre, wrote, found, content
):
    wrote(ANNE)
    done = take(vaguemestre, content)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert found() == [(ANNE, READER, True)]


@pytest.mark.parametrize(
    ("knows", "content", "said"),
    [
        ((), mail(quoted(ANNE)), (ANNE, READER, False)),
        ((ANNE, PAUL), mail(quoted(ANNE), to=f"{PAUL}, {HERE}"), ("", READER, False)),
        ((ANNE,), mail(quoted(ANNE), to=f"{PAUL}, {HERE}"), (ANNE, READER, True)),
        ((ANNE,), mail(), ("", READER, False)),
        ((ANNE,), mail(quoted("dpo@chu.example")), ("", READER, False)),
        ((ANNE,), mail(quoted(ANNE), sender="a@x.example, b@x.example"), (ANNE, "", False)),
        ((), b"", ("", "", False)),
    ],
    ids=["forged or forgotten", "two", "one of two", "nobody", "an officer", "whose?", "empty"],
)
def test_what_is_not_sure_stops_nobody_and_is_an_incident_all_the_same(
    vaguemestre, wrote, found, knows, content, said
):
    for one in knows:
        wrote(one)
    assert take(vaguemestre, content).status == 0
    assert found() == [said]


def test_an_automaton_says_nothing(vaguemestre, wrote, found):
    """A vacation notice, or a bounce of our own notice, must open nothing, and answer nobody."""
    wrote(ANNE)
    content = mail(quoted(ANNE), head="Auto-Submitted: auto-replied\n")
    assert take(vaguemestre, content).status == 0
    assert found() == []


def test_nothing_of_the_mail_is_kept_and_the_list_names_nobody(vaguemestre, wrote, house):
    wrote(ANNE)
    take(vaguemestre, mail(quoted(ANNE)))
    store = b"".join(path.read_bytes() for path in house.glob("vaguemestre.db*"))
    for word in (b"Canari", b"2 79 01", b"durand@", b"Jean Durand"):
        assert word not in store, word
    [one] = vaguemestre("incident", "--json").lines
    assert (one["kind"], one["reports"], one["about"], one["blocked"]) == ("mail", 1, "", True)
    assert "@" not in vaguemestre("incident").out


def test_a_code_is_noted_where_the_record_knows_it(vaguemestre, holding):
    with (holding / "gateway.yaml").open("a") as file:
        file.write(f"incidents: {{address: {HERE}}}\n")
    take(vaguemestre, mail(f"{TEXT} Code : 7K2F-9QXD"))
    take(vaguemestre, mail(f"{TEXT} Code : 1279-0199", sender="x@y.example"))
    newest, first = vaguemestre("incident", "--json").lines
    assert (first["about"], newest["about"]) == ("7K2F-9QXD", "")


@pytest.mark.parametrize("broken", ["domains: [", "database: sqlite:////dev/null/x.db\n"])
def test_what_fails_is_tried_again_by_whoever_brings_it(vaguemestre, house, broken):
    """pipe(8) would send any other status back to the reader, as a bounce."""
    with (house / "gateway.yaml").open("a") as file:
        file.write(broken)
    done = take(vaguemestre, mail())
    assert done.status == AGAIN
    assert "durand" not in done.err


# What doors hear in answers, where they were told to listen


def hear(config, database, content, sender, to):
    """As the end of a mail's way tells it: the mail was let through."""
    said = []

    class Journal:
        def judged(self, mail, *about):
            said.append(mail.id)

        def failed(self, mail, what):
            raise AssertionError(what)

    log = structlog.wrap_logger(structlog.ReturnLogger(), processors=[])
    heard, journal = incident_taking.hearing(config, database, log, Journal())
    mail = a_mail(to=(to,), sender=sender, content=content)
    passed = {to: Receipt(to, Disposition.PASS, Reply(250, "2.0.0", ("Ok",)))}
    journal.judged(mail, (), Inspection(), passed, 0.1)
    assert said == [mail.id]
    return heard.flush()


@pytest.fixture
def hears(house, asked):
    path = house / "gateway.yaml"
    path.write_text(path.read_text().replace("incidents: {", "incidents: {inbound: true, "))

    def of(content, sender=READER, to=ANNE):
        config = read_config(path)
        asked(lambda _, database: hear(config, database, content, sender, to))

    return of


def test_an_answer_that_says_so_is_an_incident_to_qualify_and_blocks_nothing(hears, wrote, found):
    wrote(ANNE)
    hears(mail(to=ANNE))
    assert found() == [(ANNE, READER, False)]


@pytest.mark.parametrize(
    ("content", "sender", "to", "why"),
    [
        (mail("Merci, bien reçu.\n", to=ANNE), READER, ANNE, "says nothing of it"),
        (mail(to=PAUL), READER, PAUL, "who never wrote to him"),
        (mail(to=ANNE), PAUL, ANNE, "a colleague"),
        (mail(to=ANNE), "", ANNE, "a report of an MTA"),
        (mail(to=ANNE, head="Auto-Submitted: auto-replied\n"), READER, ANNE, "an automaton"),
        (mail(to="x@dehors.example"), READER, "x@dehors.example", "to nobody of ours"),
    ],
)
def test_what_is_no_answer_of_that_kind_is_none(hears, wrote, found, content, sender, to, why):
    wrote(ANNE)
    hears(content, sender, to)
    assert found() == [], why


def test_nobody_listens_unless_asked_to(house, asked, wrote, found):
    wrote(ANNE)
    asked(lambda config, database: hear(config, database, mail(to=ANNE), READER, ANNE))
    assert found() == []


def test_what_the_store_does_not_take_now_is_told_later():
    async def go():
        taken, away = [], [True]

        async def take(content):
            if away.pop() if away else False:
                raise Temporary("away")
            if content.startswith(b"From: x"):
                raise ValueError
            taken.append(content)

        log = structlog.wrap_logger(structlog.ReturnLogger(), processors=[])
        heard = Heard(lambda address: address == ANNE, take, log)
        heard(a_mail(to=(ANNE,), sender=READER, content=mail(sender="x")))
        heard(a_mail(to=(ANNE,), sender=READER, content=mail()))
        await heard.flush()
        assert taken == []
        await heard.flush()
        return taken

    assert asyncio.run(go()) == [mail()], "one that nobody can read holds up no other"
