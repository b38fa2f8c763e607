"""What strangers try on the portal: guessing, replaying, prefetching, forging, escaping, flooding.

Whoever has the link alone has the mailbox of the recipient, perhaps a wrong one: he is the foe that
all this is built against. Nobody may learn from an answer whether a message ever was there.
"""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import select

from gateway.guard import MOST_WRONG as MOST_OF_A_PLACE
from gateway.parcel import new_token
from gateway.portal import app
from gateway.portal.desk import TURNS
from gateway.store.parcels import MOST_CODES, MOST_WRONG, PAUSE_SECONDS, WRONG_BEFORE_PAUSE
from gateway.store.portal_tables import metadata, news, parcels
from tests.makers import mails
from tests.unit.portal.conftest import LETTER

WRONG = "00000000"


def raw(portal):
    """All that the portal's store holds, rows and files, as one."""

    def work(connection):
        return [tuple(row) for t in metadata.sorted_tables for row in connection.execute(select(t))]

    rows = repr(portal.run(portal.database.read(work))).encode()
    files = (portal.blobs.open(name).read() for name in portal.blobs.older_than(4e9))
    return rows + b"".join(files)


def news_of(portal, kind):
    query = select(news).where(news.c.kind == kind)
    return portal.run(portal.database.read(lambda c: c.execute(query).all()))


def wrong(parcel):
    return {"code": "11111111" if parcel.code == WRONG else WRONG}


# Guessing


def dead_links(portal):
    """Ways for a link to open nothing, each with the link."""
    refused, recalled, late = (portal.keep()[0] for _ in range(3))
    portal.browser().post(f"/erreur/{refused.link}")
    portal.browser().post(f"/e/{recalled.own}/rappel")
    expire = parcels.update().where(parcels.c.how == "").values(until=portal.store.now)
    portal.run(portal.database.write(lambda c: c.execute(expire)))
    never, short = new_token(), "abc"
    return {
        "refused": refused.link,
        "recalled": recalled.link,
        "expired": late.link,
        "never": never,
        "short": short,
        "odd": "A" * 32,
    }


def test_nobody_learns_whether_a_message_ever_was_there(portal):
    links = dead_links(portal)
    for method, path in (("get", "/l/{}"), ("get", "/erreur/{}"), ("post", "/erreur/{}")):
        said = set()
        for link in links.values():
            answer = getattr(portal.browser(), method)(path.format(link))
            said.add((answer.status_code, answer.text.replace(link, ""), *fixed(answer)))
        assert len(said) == 1, method
    codes = {
        portal.browser().post(f"/l/{link}", {"code": "1"}).status_code for link in links.values()
    }
    assert codes == {404}


def fixed(answer):
    return [(name, value) for name, value in answer.headers.items() if name != "content-length"]


def test_five_wrong_codes_pause_and_fifteen_lock_for_good(portal):
    [parcel] = portal.keep()
    for _ in range(MOST_WRONG // WRONG_BEFORE_PAUSE):
        for _ in range(WRONG_BEFORE_PAUSE):
            assert portal.browser().post(f"/l/{parcel.link}", wrong(parcel)).status_code == 403
        right = portal.browser().post(f"/l/{parcel.link}", {"code": parcel.code})
        assert right.status_code == 403, "even the right one, meanwhile"
        portal.later(PAUSE_SECONDS + 1)
    page = portal.browser().post(f"/l/{parcel.link}", {"code": parcel.code})
    assert (page.status_code, "est bloqué" in page.text) == (403, True)
    asked = portal.browser().post(f"/l/{parcel.link}/code", {"par": "voix"})
    assert "Aucun code" in asked.text
    [letter] = portal.told()
    assert letter.recipients[0].address == "anne@ch.example"


def test_another_code_does_not_begin_the_count_anew(quick):
    """Else whoever may ask for codes may guess for ever."""
    [parcel] = quick.keep()
    for _ in range(2):
        quick.browser().post(f"/l/{parcel.link}", wrong(parcel))
    quick.browser().post(f"/l/{parcel.link}/code", {"par": "voix"})
    assert (
        quick.run(quick.database.read(lambda c: c.execute(select(parcels.c.wrong)).scalar())) == 2
    )


def test_codes_are_asked_for_six_times_at_most(quick):
    [parcel] = quick.keep()
    for _ in range(MOST_CODES + 3):
        quick.browser().post(f"/l/{parcel.link}/code", {"par": "voix"})
        quick.later(61)
    assert len(news_of(quick, "code")) == MOST_CODES


def test_one_address_guesses_thirty_times_and_is_then_answered_nothing(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    for _ in range(MOST_OF_A_PLACE):
        browser.get(f"/l/{new_token()}")
    assert browser.get(f"/l/{parcel.link}").status_code == 429
    assert browser.get(f"/e/{parcel.own}").status_code == 429
    other = quick.browser()
    other.address = "198.51.100.7"
    assert other.get(f"/l/{parcel.link}").status_code == 200


def test_what_is_no_code_opens_nothing(quick):
    [parcel] = quick.keep()
    for code in ("", " ", "abc", "٤٢", "0" * 5000, "'; --"):
        assert quick.browser().post(f"/l/{parcel.link}", {"code": code}).status_code == 403, code


# Replaying


def test_a_code_opens_once(portal):
    [parcel] = portal.keep()
    portal.browser().enter(parcel)
    assert portal.browser().post(f"/l/{parcel.link}", {"code": parcel.code}).status_code == 403


def test_a_cookie_opens_its_own_parcel_alone(portal):
    first, second = portal.keep(LETTER, "a@domicile.example", "b@domicile.example")
    browser, other = portal.browser(), portal.browser()
    page = other.enter(second)
    browser.enter(first)
    for cookie in ("", "x" * 32, new_token(), dict(browser.jar)["parcel"]):
        stranger = portal.browser(cookie=f"parcel={cookie}")
        assert stranger.get(page.url.path).status_code == 401


def test_a_closed_sessions_cookie_is_worth_nothing(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    cookie = dict(browser.jar)["parcel"]
    browser.act(page, "sortie")
    assert quick.browser(cookie=f"parcel={cookie}").get(page.url.path).status_code == 401


def test_the_sessions_cookie_stays_with_its_page_and_out_of_scripts(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    answer = browser.enter(parcel).history[0]
    said = answer.headers["set-cookie"].lower()
    path = answer.headers["location"]
    for word in ("httponly", "secure", "samesite=strict", f"path={path}"):
        assert word in said
    assert parcel.link not in answer.headers["location"]


# Prefetching


def test_a_filter_that_opens_every_link_changes_nothing(portal):
    [parcel] = portal.keep()
    before = portal.run(portal.database.read(lambda c: c.execute(select(parcels)).all()))
    for path in (f"/l/{parcel.link}", f"/erreur/{parcel.link}", f"/e/{parcel.own}"):
        for _ in range(2):
            answer = portal.browser(purpose="prefetch").get(path)
            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers
    after = portal.run(portal.database.read(lambda c: c.execute(select(parcels)).all()))
    assert before == after
    assert portal.told() == []
    portal.browser().enter(parcel)


def test_only_post_acts():
    acting = {page.path for page in app.every() if page.method == "POST"}
    assert acting == {
        "/l/{token}",
        "/l/{token}/code",
        "/erreur/{token}",
        "/e/{token}/numero",
        "/e/{token}/rappel",
        "/m/{id}/reponse",
        "/m/{id}/sortie",
        "/m/{id}/erreur",
        "/m/{id}/mot-de-passe",
        "/m/{id}/mot-de-passe/retrait",
        "/boite/{token}",
        "/l/{token}/cle/demande",
        "/l/{token}/cle",
        "/m/{id}/cles/demande",
        "/m/{id}/cles",
        "/m/{id}/cles/retrait",
    }


# Forging


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}],
    ids=["origin", "fetch metadata", "opaque origin"],
)
def test_a_form_on_another_site_does_nothing(quick, headers):
    [parcel] = quick.keep()
    browser = quick.browser(**headers)
    for path in (f"/erreur/{parcel.link}", f"/e/{parcel.own}/rappel", f"/l/{parcel.link}"):
        assert browser.post(path, {"code": parcel.code}).status_code == 403
    assert quick.browser().enter(parcel).status_code == 200


@pytest.mark.parametrize("what", ["reponse", "sortie", "erreur"])
def test_a_sessions_form_must_bring_back_its_secret(quick, what):
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    for csrf in ("", "0" * 64):
        answer = browser.post(f"{page.url.path}/{what}", {"csrf": csrf, "texte": "x"})
        assert answer.status_code == 403
    assert browser.get(page.url.path).status_code == 200
    assert news_of(quick, "reply") == []


# Escaping


NOWHERE = (
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/..%2f..%2fconfig.py",
    "/m/../l",
    "/l/%00",
    "/l/a%2fb",
    "/fichier/0",
    "//evil.example/l",
    "/m/" + "0" * 32 + "/fichier/0",
    "/l/\u0660",
    "/.git/config",
)


def test_no_path_leads_anywhere_else(quick):
    for path in NOWHERE:
        answer = quick.browser().get(path)
        assert answer.status_code in (401, 404), path
        assert "import" not in answer.text, path


def test_a_file_is_named_by_its_number_alone(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    for number in ("-1", "99", "1e0", "٠", "%2e%2e", "0x0", "9" * 400):
        answer = browser.get(f"{page.url.path}/fichier/{number}")
        assert answer.status_code in (401, 404), number


def test_markup_in_a_message_is_shown_as_text(quick):
    nasty = LETTER.replace(
        b"voici", b"<script>alert(1)</script><img src=https://evil.example/x> {{ 7*7 }} voici"
    ).replace(b"Subject:", b"Subject: <b onclick=x>", 1)
    [parcel] = quick.keep(nasty)
    page = quick.browser().enter(parcel)
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "{{ 7*7 }} voici" in page.text


def test_file_names_of_a_message_make_no_header(quick):
    letter = mails.mixed(mails.text("x"), mails.attachment('a\\"; x=y\r\n\tb.html', b"<script>"))
    [parcel] = quick.keep(letter)
    browser = quick.browser()
    page = browser.enter(parcel)
    file = browser.get(f"{page.url.path}/fichier/0")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(
        r'attachment; filename="[\w.-]+"; filename\*=utf-8\'\'[\w.%-]+',
        file.headers["content-disposition"],
    )


@pytest.mark.parametrize(
    "name",
    [
        "a\r\nBcc: victime@exemple.example\r\n\r\nx.pdf",
        "../../etc/passwd",
        "\u202egnp.exe",
        "\x00",
        "é" * 500,
    ],
)
def test_file_names_of_an_answer_make_no_header_and_no_folder(quick, name):
    import email
    import email.policy

    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    quick.told()
    browser.act(
        page, "reponse", {"texte": "x\r\n.\r\nMAIL FROM:<x>"}, files=[("fichiers", (name, b"1"))]
    )
    [letter] = quick.told()
    mail = email.message_from_bytes(letter.content, policy=email.policy.default)
    assert mail["Bcc"] is None
    assert [one.address for one in letter.recipients] == ["anne@ch.example"]
    [file] = mail.iter_attachments()
    shown = file.get_filename()
    assert len(shown) <= 120
    assert not set(shown) & set("/\\\r\n\x00\u202e")


# Flooding


def test_an_answer_that_is_too_large_is_not_read(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    big = [("fichiers", ("x.bin", b"\0" * (quick.desk.reply + 100_000)))]
    answer = browser.act(page, "reponse", files=big)
    assert answer.status_code == 413
    slightly = [("fichiers", ("x.bin", b"\0" * (quick.desk.reply + 1)))]
    assert browser.act(page, "reponse", files=slightly).status_code == 413
    assert news_of(quick, "reply") == []


def test_an_answer_of_many_files_is_not_read(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    many = [("fichiers", (f"{n}.txt", b"1")) for n in range(40)]
    assert browser.act(page, "reponse", files=many).status_code == 400


def test_nobody_without_a_session_makes_us_read_a_large_form(quick):
    [parcel] = quick.keep()
    body = {"code": "1" * 20_000}
    assert quick.browser().post(f"/l/{parcel.link}", body).status_code == 413
    identity = quick.run(quick.parcels.find(parcel.link)).id
    answer = quick.browser().post(f"/m/{identity}/reponse", {"texte": "x" * 100_000})
    assert answer.status_code == 401


def test_a_form_that_does_not_say_how_long_it_is_is_not_read(quick):
    [parcel] = quick.keep()

    async def endless():
        yield b"code="

    answer = quick.browser()._send("POST", f"/l/{parcel.link}", content=endless())
    assert answer.status_code == 411


@pytest.mark.parametrize("charset", ["punycode", "utf-7", "idna", "UTF-8"])
def test_a_form_does_not_choose_how_it_is_decoded(quick, charset):
    """Python's punycode takes minutes for a megabyte, idna raises what nobody expects."""
    [parcel] = quick.keep()
    body = b'--x\r\nContent-Disposition: form-data; name="code"\r\n\r\n1\r\n--x--\r\n'
    kind = {"content-type": f"Multipart/Form-Data; boundary=x; charset={charset}"}
    answer = quick.browser()._send("POST", f"/l/{parcel.link}", content=body, headers=kind)
    assert answer.status_code == 400


def test_whoever_sends_or_takes_slowly_keeps_nobody_of_another_parcel_waiting(quick):
    first, second = quick.keep(LETTER, "a@domicile.example", "b@domicile.example")
    browser, other = quick.browser(), quick.browser()
    page, others_page = browser.enter(first), other.enter(second)

    async def work():
        turn = quick.desk.turn(page.url.path.removeprefix("/m/"))
        begun, never = asyncio.Event(), asyncio.Event()
        headers = [(b"cookie", f"parcel={dict(browser.jar)['parcel']}".encode())]
        sent = []

        async def send(message):
            sent.append(message)
            if len(sent) == TURNS:
                begun.set()
            await never.wait()  # he reads no further

        slow = [
            asyncio.create_task(quick.app(scope(page.url.path, headers), never.wait, send))
            for _ in range(TURNS + 2)
        ]
        async with asyncio.timeout(60):
            await begun.wait()
        assert turn.locked()
        assert not quick.desk.room.locked()
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return len(sent)

    def scope(path, headers):
        return {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "https",
            "query_string": b"",
            "headers": headers,
            "client": ("192.0.2.1", 1),
            "server": ("portail.example", 443),
        }

    assert quick.run(work()) == TURNS
    assert other.get(others_page.url.path).status_code == 200


def test_a_house_with_many_addresses_is_one_place(quick):
    [parcel] = quick.keep()
    for n in range(MOST_OF_A_PLACE):
        browser = quick.browser()
        browser.address = f"2001:db8::{n:x}"
        browser.get(f"/erreur/{new_token()}")
    browser.address = "2001:db8::ffff"
    assert browser.get(f"/l/{parcel.link}").status_code == 429
    browser.address = "2001:db8:0:1::1"
    assert browser.get(f"/l/{parcel.link}").status_code == 200


def test_an_answer_that_was_begun_before_the_parcel_closed_goes_nowhere(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)

    async def meanwhile(answer):
        await quick.parcels.refuse(parcel.link)
        return 0

    object.__setattr__(quick.desk, "unread", meanwhile)
    answer = browser.act(page, "reponse", files=[("fichiers", ("x.txt", b"1"))])
    assert answer.status_code == 401
    assert news_of(quick, "reply") == []


def test_news_of_which_nothing_can_be_made_hold_up_no_others(quick):
    first, second = quick.keep(LETTER, "a@domicile.example", "b@domicile.example")
    browser = quick.browser()
    quick.browser().enter(first)
    page = browser.enter(second)
    cookie = dict(browser.jar)["parcel"]
    opened = quick.run(quick.parcels.enter(page.url.path.removeprefix("/m/"), cookie))
    quick.run(quick.parcels.reply(opened, b"no answer at all"))
    browser.post(f"/erreur/{second.link}")
    assert len(quick.told()) == 3  # read, read, refused


# Odd messages


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("utf-7", b"+2AA-"),
        ("unicode_escape", b"\\ud800"),
        ("punycode", b"a" * 300_000 + b"-" + b"ba" * 30_000),
    ],
)
def test_no_charset_of_a_message_keeps_its_page_from_being_shown(quick, charset, body):
    letter = (
        f"Subject: =?{charset}?q?+2AA-?=\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
    )
    [parcel] = quick.keep(letter.encode() + body)
    quick.browser().enter(parcel)


def test_what_is_not_shown_of_a_large_message_is_said(quick):
    many = mails.mixed(mails.text("x"), *(mails.attachment(f"{n}.txt", b"x") for n in range(600)))
    long = b"Subject: x\r\n\r\n" + b"<mot> " * 100_000
    for letter in (many, long):
        [parcel] = quick.keep(letter)
        page = quick.browser().enter(parcel)
        assert "Tout y est dans message.eml" in page.text
        assert len(page.text) < 2_000_000
    [parcel] = quick.keep()
    assert "Tout y est" not in quick.browser().enter(parcel).text


# Whoever steals the store


def test_the_store_alone_reads_nothing_and_opens_nothing(portal):
    [parcel] = portal.keep()
    portal.browser().post(f"/e/{parcel.own}/numero", {"numero": "06 39 98 12 34"})
    browser = portal.browser()
    page = browser.enter(parcel)
    browser.act(page, "reponse", {"texte": "Bien reçu."})
    held = raw(portal)
    secrets = (parcel.link, parcel.own, parcel.code, dict(browser.jar)["parcel"], "39981234")
    for word in (*secrets, "résultats", "Bien re", "patient@domicile", "anne@ch"):
        assert word.encode() not in held, word


def test_once_closed_even_link_and_store_together_open_nothing(portal):
    [parcel] = portal.keep()
    portal.browser().post(f"/erreur/{parcel.link}")
    [row] = portal.run(portal.database.read(lambda c: c.execute(select(parcels)).all()))
    assert row.sealed_key is None


# Headers


def test_every_answer_forbids_scripts_frames_caches_and_referrers(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    paths = ["/", f"/l/{parcel.link}", "/couleurs.css", page.url.path, "/nulle-part"]
    for path in paths:
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["referrer-policy"] == "strict-origin", "a link may stand in no log of ours"
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"]
    assert "http" not in re.sub(r"http-equiv", "", browser.get(page.url.path).text)


def test_nothing_of_a_parcel_stands_in_the_title_of_a_window(quick):
    """It goes into histories and task bars."""
    [parcel] = quick.keep()
    page = quick.browser().enter(parcel)
    title = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)[1]
    assert title == "Votre message – Le CH d&#39;Exemple"
