"""Role x page: what each may open. A page that is not in the table fails the test."""

import pytest

from gateway.console import app
from gateway.console.access import ACTS, Act, Role
from tests.unit.console.conftest import PASSWORD, post

# What is asked of each page. A new page needs its line here: who reads this, thinks of who may.
PAGES = {
    ("GET", "/entree"): Act.SIGN_IN,
    ("POST", "/entree"): Act.SIGN_IN,
    ("POST", "/sortie"): Act.BE_SIGNED_IN,
    ("GET", "/bienvenue/{token}"): Act.SIGN_IN,
    ("POST", "/bienvenue/{token}"): Act.SIGN_IN,
    ("GET", "/compte"): Act.BE_SIGNED_IN,
    ("POST", "/compte/mot-de-passe"): Act.BE_SIGNED_IN,
    ("POST", "/compte/second-facteur"): Act.BE_SIGNED_IN,
    ("POST", "/compte/second-facteur/en-place"): Act.BE_SIGNED_IN,
    ("POST", "/compte/second-facteur/retirer"): Act.BE_SIGNED_IN,
    ("POST", "/compte/session"): Act.BE_SIGNED_IN,
    ("GET", "/"): Act.BE_SIGNED_IN,
    ("GET", "/etat"): Act.SEE,
    ("POST", "/decider"): Act.RULE,
    ("GET", "/dossiers/{id}"): Act.SEE,
    ("POST", "/dossiers/{id}/decision"): Act.RULE,
    ("POST", "/dossiers/{id}/note"): Act.ADVISE,
    ("POST", "/dossiers/{id}/prendre"): Act.ADVISE,
    ("POST", "/dossiers/{id}/second"): Act.ADVISE,
    ("POST", "/dossiers/{id}/revu"): Act.RULE,
    ("GET", "/m/{id}"): Act.SIGN_IN,  # the ticket in the address is what is asked for
    ("POST", "/m/{id}"): Act.SIGN_IN,
    ("GET", "/dossiers/{id}/lecture"): Act.READ,
    ("POST", "/dossiers/{id}/lecture"): Act.READ,
    ("POST", "/dossiers/{id}/accord"): Act.READ,
    ("POST", "/dossiers/{id}/accord/donner"): Act.RULE,
    ("GET", "/dossiers/{id}/exception"): Act.RULE,
    ("POST", "/dossiers/{id}/exception"): Act.RULE,
    ("GET", "/apercu"): Act.SEE,
    ("GET", "/regles"): Act.STUDY,
    ("POST", "/regles/tests"): Act.STUDY,
    ("POST", "/regles/essai"): Act.STUDY,
    ("GET", "/sante"): Act.OPERATE,
    ("GET", "/registre"): Act.ACCOUNT_FOR,
    ("GET", "/comptes"): Act.ADMINISTER,
    ("POST", "/comptes"): Act.ADMINISTER,
    ("POST", "/comptes/inviter"): Act.ADMINISTER,
    ("POST", "/comptes/fermer"): Act.ADMINISTER,
}
MATRIX = {
    Role.ADMIN: {Act.ADMINISTER, Act.STUDY, Act.OPERATE},
    Role.OFFICER: {Act.SEE, Act.READ, Act.RULE, Act.ADVISE, Act.ACCOUNT_FOR, Act.STUDY},
    Role.REVIEWER: {Act.SEE, Act.READ, Act.ADVISE, Act.STUDY},
    Role.AUDITOR: {Act.SEE, Act.ACCOUNT_FOR, Act.STUDY},
}


def test_every_page_asks_for_what_the_table_says_and_none_is_missing():
    assert {(page.method, page.path): page.act for page in app.every()} == PAGES


def test_each_role_may_do_what_the_table_says_and_nothing_else():
    everybody = {Act.SIGN_IN, Act.BE_SIGNED_IN}
    assert {role: set(acts) for role, acts in ACTS.items()} == {
        role: acts | everybody for role, acts in MATRIX.items()
    }


@pytest.mark.parametrize("role", [*Role, None], ids=str)
def test_what_a_role_may_not_open_is_refused_whatever_it_knows(console, run, role):
    async def walk():
        hold = await console.hold()
        browser = await console.signed_in("x", role) if role else console.browser()
        for (method, path), act in PAGES.items():
            if path in ("/sortie", "/entree") or act is Act.SIGN_IN:
                continue
            where = path.replace("{id}", hold)
            if method == "GET":
                answer = await browser.get(where)
            elif role:
                answer = await post(browser, where, {"password": "faux"})
            else:
                answer = await browser.post(where)
            allowed = role is not None and (act in ACTS[role])
            refused = answer.status_code == 403 or (
                answer.status_code == 303 and answer.headers["location"] == "/entree"
            )
            assert refused != allowed, (method, path, answer.status_code)

    run(walk())


@pytest.mark.parametrize("how", ["no token", "another's token", "another site", "cross-site fetch"])
def test_a_form_of_another_site_does_nothing(console, run, how):
    async def walk():
        hold = await console.hold()
        browser = await console.signed_in("claire", "officer")
        other = await console.signed_in("paul", "officer")
        data = {"quoi": "release", "motif_release": "legitimate"}
        headers = {}
        page = (await browser.get("/compte")).text
        token = page.split('name="csrf" value="')[1].split('"')[0]
        if how == "another's token":
            page = (await other.get("/compte")).text
            data["csrf"] = page.split('name="csrf" value="')[1].split('"')[0]
        elif how == "another site":
            data["csrf"], headers["origin"] = token, "https://evil.example"
        elif how == "cross-site fetch":
            data["csrf"], headers["sec-fetch-site"] = token, "cross-site"
        answer = await browser.post(f"/dossiers/{hold}/decision", data=data, headers=headers)
        assert answer.status_code == 403
        assert (await console.store.holds.get(hold)).state.value == "held"

    run(walk())


def test_every_answer_keeps_scripts_frames_and_caches_out(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer", "admin")
        hold = await console.hold()
        paths = ("/", f"/dossiers/{hold}", "/compte", "/comptes", "/registre", "/nulle-part")
        for path in (*paths, "/dossiers/AAAA-AAAA", "/entree"):
            answer = await browser.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["cache-control"] == "no-store"
            assert "<script>" not in answer.text
            assert " style=" not in answer.text
            assert " onclick=" not in answer.text

    run(walk())


def test_cookies_are_out_of_scripts_reach_and_for_https_alone_where_there_is_https(console, run):
    async def walk():
        await console.account("claire", "officer")
        data = {"name": "claire", "password": PASSWORD}
        answer = await console.browser().post("/entree", data=data)
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie

    run(walk())
