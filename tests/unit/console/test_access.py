"""Role x page: what each may open. A page that is not in the table fails the test."""

import pytest

from gateway.console import app
from gateway.console.access import ACTS, Act, Role
from gateway.console.api import route
from gateway.store.keys import make_keys
from tests.stores import KINDS, Store, fresh
from tests.unit.console.conftest import PASSWORD, Console, post

# What is asked of each page. A new page needs its line here: who reads this, thinks of who may.
PAGES = {
    ("GET", "/entree"): Act.SIGN_IN,
    ("POST", "/entree"): Act.SIGN_IN,
    ("POST", "/entree/oidc"): Act.SIGN_IN,
    ("GET", "/entree/oidc/retour"): Act.SIGN_IN,  # state and cookie are what is asked for
    ("POST", "/entree/cle/demande"): Act.SIGN_IN,
    ("POST", "/entree/cle"): Act.SIGN_IN,
    ("POST", "/sortie"): Act.BE_SIGNED_IN,
    ("GET", "/bienvenue/{token}"): Act.SIGN_IN,
    ("POST", "/bienvenue/{token}"): Act.SIGN_IN,
    ("GET", "/compte"): Act.BE_SIGNED_IN,
    ("GET", "/declarations"): Act.BE_SIGNED_IN,
    ("POST", "/compte/mot-de-passe"): Act.BE_SIGNED_IN,
    ("POST", "/compte/second-facteur"): Act.BE_SIGNED_IN,
    ("POST", "/compte/second-facteur/en-place"): Act.BE_SIGNED_IN,
    ("POST", "/compte/second-facteur/retirer"): Act.BE_SIGNED_IN,
    ("POST", "/compte/cle/demande"): Act.BE_SIGNED_IN,
    ("POST", "/compte/cle"): Act.BE_SIGNED_IN,
    ("POST", "/compte/cle/retirer"): Act.BE_SIGNED_IN,
    ("POST", "/compte/session"): Act.BE_SIGNED_IN,
    ("POST", "/compte/absence"): Act.REVIEW,
    ("POST", "/compte/absence/retour"): Act.REVIEW,
    ("GET", "/coffre"): Act.READ,
    ("POST", "/coffre"): Act.READ,
    ("POST", "/coffre/verrouiller"): Act.READ,
    ("POST", "/coffre/phrase"): Act.READ,
    ("POST", "/coffre/confier"): Act.RULE,
    ("POST", "/coffre/reprendre"): Act.RULE,
    ("GET", "/compte/jetons"): Act.BE_SIGNED_IN,
    ("POST", "/compte/jetons"): Act.BE_SIGNED_IN,
    ("POST", "/compte/jetons/revoquer"): Act.BE_SIGNED_IN,
    ("GET", "/"): Act.BE_SIGNED_IN,
    ("GET", "/etat"): Act.SEE,
    ("POST", "/decider"): Act.RULE,
    ("GET", "/dossiers/{id}"): Act.SEE,
    ("POST", "/dossiers/{id}/decision"): Act.RULE,
    ("POST", "/dossiers/{id}/avis"): Act.REVIEW,
    ("POST", "/dossiers/{id}/note"): Act.ADVISE,
    ("POST", "/dossiers/{id}/prendre"): Act.ADVISE,
    ("POST", "/dossiers/{id}/second"): Act.ADVISE,
    ("POST", "/dossiers/{id}/revu"): Act.RULE,
    ("GET", "/m/{id}"): Act.SIGN_IN,  # the ticket in the address is what is asked for
    ("POST", "/m/{id}"): Act.SIGN_IN,
    ("GET", "/q/{id}"): Act.SIGN_IN,  # the same
    ("POST", "/q/{id}"): Act.SIGN_IN,
    ("GET", "/dossiers/{id}/lecture"): Act.READ,
    ("POST", "/dossiers/{id}/lecture"): Act.READ,
    ("GET", "/dossiers/{id}/image/{cle}"): Act.READ,
    ("POST", "/dossiers/{id}/accord"): Act.READ,
    ("POST", "/dossiers/{id}/accord/donner"): Act.RULE,
    ("GET", "/dossiers/{id}/exception"): Act.RULE,
    ("POST", "/dossiers/{id}/exception"): Act.RULE,
    ("GET", "/apercu"): Act.SEE,
    ("GET", "/incidents"): Act.SEE,
    ("POST", "/incidents"): Act.RULE,
    ("GET", "/incidents/{id}"): Act.SEE,
    ("POST", "/incidents/{id}/qualification"): Act.RULE,
    ("POST", "/incidents/{id}/blocage"): Act.RULE,
    ("GET", "/regles"): Act.STUDY,
    ("POST", "/regles/tests"): Act.STUDY,
    ("POST", "/regles/essai"): Act.STUDY,
    ("GET", "/regles/modifier"): Act.STUDY,
    ("POST", "/regles/modifier"): Act.STUDY,
    ("GET", "/regles/a-qualifier"): Act.SEE,
    ("POST", "/regles/a-qualifier"): Act.RULE,
    ("GET", "/portail"): Act.SEE,
    ("POST", "/portail/rappel"): Act.RULE,
    ("GET", "/sante"): Act.OPERATE,
    ("GET", "/registre"): Act.ACCOUNT_FOR,
    ("GET", "/comptes"): Act.ADMINISTER,
    ("POST", "/comptes"): Act.ADMINISTER,
    ("POST", "/comptes/inviter"): Act.ADMINISTER,
    ("POST", "/comptes/fermer"): Act.ADMINISTER,
}
# The same of the API; tests/unit/console/api/test_api_access.py walks it.
API = {
    ("GET", "/openapi.json"): Act.SIGN_IN,
    ("GET", "/v1/me"): Act.BE_SIGNED_IN,
    ("GET", "/v1/me/tokens"): Act.BE_SIGNED_IN,
    ("DELETE", "/v1/me/tokens/{token}"): Act.BE_SIGNED_IN,
    ("GET", "/v1/me/sessions"): Act.BE_SIGNED_IN,
    ("DELETE", "/v1/me/sessions/{session}"): Act.BE_SIGNED_IN,
    ("GET", "/v1/holds"): Act.SEE,
    ("POST", "/v1/search"): Act.SEE,
    ("GET", "/v1/holds/standing"): Act.SEE,
    ("GET", "/v1/holds/series"): Act.SEE,
    ("GET", "/v1/holds/{id}"): Act.SEE,
    ("GET", "/v1/holds/{id}/record"): Act.SEE,
    ("GET", "/v1/holds/{id}/preview"): Act.READ,
    ("POST", "/v1/holds/{id}/reveals"): Act.READ,
    ("POST", "/v1/holds/{id}/pictures"): Act.READ,
    ("POST", "/v1/holds/{id}/message"): Act.READ,
    ("GET", "/v1/holds/{id}/permits"): Act.READ,
    ("POST", "/v1/holds/{id}/permits"): Act.READ,
    ("POST", "/v1/holds/{id}/permits/grants"): Act.RULE,
    ("POST", "/v1/holds/{id}/comments"): Act.ADVISE,
    ("PUT", "/v1/holds/{id}/assignment"): Act.ADVISE,
    ("POST", "/v1/holds/{id}/second-reader"): Act.ADVISE,
    ("POST", "/v1/holds/{id}/review"): Act.RULE,
    ("POST", "/v1/holds/{id}/rulings"): Act.RULE,
    ("POST", "/v1/rulings"): Act.RULE,
    ("GET", "/v1/rulings/codes"): Act.SEE,
    ("POST", "/v1/holds/{id}/exceptions"): Act.RULE,
    ("GET", "/v1/figures"): Act.SEE,
    ("GET", "/v1/rules"): Act.STUDY,
    ("POST", "/v1/rules/tests"): Act.STUDY,
    ("POST", "/v1/rules/trials"): Act.STUDY,
    ("GET", "/v1/rules/source"): Act.STUDY,
    ("POST", "/v1/rules/edits"): Act.STUDY,
    ("GET", "/v1/monitored"): Act.SEE,
    ("POST", "/v1/monitored/rulings"): Act.RULE,
    ("GET", "/v1/record"): Act.ACCOUNT_FOR,
    ("GET", "/v1/health"): Act.OPERATE,
    ("GET", "/v1/accounts"): Act.ADMINISTER,
    ("POST", "/v1/accounts"): Act.ADMINISTER,
    ("POST", "/v1/accounts/{name}/invitations"): Act.ADMINISTER,
    ("PATCH", "/v1/accounts/{name}"): Act.ADMINISTER,
}
MATRIX = {
    Role.ADMIN: {Act.ADMINISTER, Act.STUDY, Act.OPERATE},
    Role.OFFICER: {Act.SEE, Act.READ, Act.RULE, Act.ADVISE, Act.ACCOUNT_FOR, Act.STUDY},
    Role.DEPUTY: {Act.SEE, Act.READ, Act.RULE, Act.ADVISE, Act.ACCOUNT_FOR, Act.STUDY},
    Role.REVIEWER: {Act.SEE, Act.READ, Act.ADVISE, Act.REVIEW, Act.STUDY},
    Role.AUDITOR: {Act.SEE, Act.ACCOUNT_FOR, Act.STUDY},
}


@pytest.fixture(params=KINDS)
def house(request, tmp_path):
    """With a second compartment, `medical`, and its own key."""
    for compartment in ("default", "medical"):
        make_keys(tmp_path / "keys", compartment=compartment)
    store = Store(fresh(request.param, tmp_path), tmp_path)
    yield Console(store)
    store.database.close()


def test_every_page_asks_for_what_the_table_says_and_none_is_missing():
    assert {(page.method, page.path): page.act for page in app.every()} == PAGES


def test_every_route_of_the_api_asks_for_what_the_table_says_and_none_is_missing():
    assert {(one.method, one.path): one.act for one in route.every()} == API


def test_each_role_may_do_what_the_table_says_and_nothing_else():
    everybody = {Act.SIGN_IN, Act.BE_SIGNED_IN}
    assert {role: set(acts) for role, acts in ACTS.items()} == {
        role: acts | everybody for role, acts in MATRIX.items()
    }


@pytest.mark.parametrize(  # the second store once: what a role may is not read from it
    ("console", "role"),
    [*(("sqlite", role) for role in (*Role, None)), ("postgresql", Role.OFFICER)],
    indirect=["console"],
    ids=str,
)
def test_what_a_role_may_not_open_is_refused_whatever_it_knows(console, run, role):
    async def walk():
        hold = await console.hold()
        await console.store.holds.remind([hold], [])  # or a deputy would have to wait
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
                answer.status_code == 303 and answer.headers["location"].startswith("/entree")
            )
            assert refused != allowed, (method, path, answer.status_code)

    run(walk())


def test_a_role_does_in_its_own_compartment_alone_what_it_may(house, run):
    """Role x page x compartment: another's mail is not there, whatever is asked of it."""

    async def walk():
        hold = await house.hold(compartment="medical")
        await house.store.holds.remind([hold], [])
        for role in Role:
            for whose, mine in (("other", ("default", "syndicat")), ("own", ("medical",))):
                browser = await house.signed_in(f"{role}-{whose}", role, compartments=mine)
                before = await house.store.rows("events")
                for (method, path), act in PAGES.items():
                    if "/dossiers/{id}" not in path or act not in ACTS[role]:
                        continue
                    where = path.replace("{id}", hold)
                    there = await (browser.get(where) if method == "GET" else post(browser, where))
                    # A picture that nobody asked for is not there either.
                    gone = whose == "other" or path.endswith("{cle}")
                    assert (there.status_code == 404) == gone, (role, method, path)
                if whose == "other":
                    assert await house.store.rows("events") == before

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
