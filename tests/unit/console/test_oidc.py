"""Sign-in by OpenID Connect against a provider in a thread: the way in, and each way to cheat."""

from __future__ import annotations

import logging
import ssl
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import insert
from structlog.testing import capture_logs

from gateway.console.pages.provider import RETURN
from gateway.console.pages.sign_in import onward
from gateway.console.ways import fetch, oidc
from gateway.console.ways.fetch import Fetcher
from gateway.console.ways.groups import Grant
from gateway.store.attempts import ATTEMPT_SECONDS, MOST
from gateway.store.identities import Person
from gateway.store.schema import attempts as attempts_table
from tests.makers.provider import (
    CLIENT,
    SECRET,
    Provider,
    by_a_stranger,
    by_public_key,
    running,
    unsigned,
)
from tests.stores import ANY, Store, fresh
from tests.unit.console.conftest import HASH, PASSWORD, Console, post, told

CLAIRE = {"sub": "claire-of-the-provider", "preferred_username": "claire"}
GRANTS = {"dpo": Grant(("officer",), ("cardio",)), "Informatique": Grant(("admin",))}
CONTEXT = ssl.create_default_context()


@pytest.fixture
def store(tmp_path):
    one = Store(fresh(ANY, tmp_path), tmp_path)
    yield one
    one.database.close()


@pytest.fixture
def provider(store):
    with running(Provider(store.clock, CLAIRE)) as one:
        yield one


@pytest.fixture
def console(store, provider):
    return console_for(store, provider)


def console_for(store, provider, **terms):
    agreed = oidc.Terms(
        "Annuaire du CHU",
        provider.issuer,
        CLIENT,
        f"http://console.test{RETURN}",
        SECRET,
        **terms,
    )
    return Console(store, ways={"oidc": oidc.Provider(agreed, Fetcher(CONTEXT), store.clock)})


async def begun(browser, suite=""):
    """Where the sign-in page sends the browser."""
    answer = await browser.post("/entree/oidc", data={"suite": suite})
    assert answer.status_code == 200, answer.text
    return answer.headers["refresh"].removeprefix("0;url=")


async def sent_back(url):
    """What the provider answers to the browser: an address of the console's."""
    async with httpx.AsyncClient() as outside:
        return (await outside.get(url)).headers["location"]


async def through(browser, suite=""):
    return await browser.get(await sent_back(await begun(browser, suite)))


def test_who_comes_back_from_the_provider_is_signed_in(console, provider, run):
    async def walk():
        await console.account("claire", "officer")
        browser = console.browser()
        answer = await through(browser, "/dossiers/7K2F-9QXD")
        assert answer.status_code == 200
        assert answer.headers["refresh"] == "0;url=/dossiers/7K2F-9QXD"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert (await browser.get("/compte")).status_code == 200
        assert await told(console, "signed in") == [("claire", "way=oidc")]

    run(walk())


def test_the_provider_is_asked_with_pkce_state_and_nonce_and_its_answer_counts_once(
    console, provider, run
):
    async def walk():
        await console.account("claire", "officer")
        browser = console.browser()
        url = await begun(browser)
        asked = {name: one for name, (one,) in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
        assert len({asked[name] for name in ("state", "nonce", "code_challenge")}) == 3
        back = await sent_back(url)
        kept = browser.cookies["attempt-oidc"]
        assert (await browser.get(back)).headers["refresh"] == "0;url=/"
        browser.cookies.set("attempt-oidc", kept, domain="console.test")
        assert (await browser.get(back)).status_code == 400, "the attempt was used up"

    run(walk())


def test_a_session_planted_before_is_not_the_one_opened(console, provider, run):
    async def walk():
        await console.account("claire", "officer")
        browser = console.browser()
        browser.cookies.set("session", "planted", domain="console.test")
        await through(browser)
        thief = console.browser()
        thief.cookies.set("session", "planted", domain="console.test")
        assert (await thief.get("/compte")).status_code == 303

    run(walk())


def test_a_code_caught_by_somebody_else_is_of_no_use_in_his_browser(console, provider, run):
    async def walk():
        await console.account("claire", "officer")
        victim, thief = console.browser(), console.browser()
        back = await sent_back(await begun(victim))
        assert (await thief.get(back)).status_code == 400, "he began nothing"
        await begun(thief)
        assert (await thief.get(back)).status_code == 403, "he began something else"
        assert (await thief.get("/compte")).status_code == 303

    run(walk())


def test_a_code_is_redeemed_once(console, provider, run):
    async def walk():
        await console.account("claire", "officer")
        browser = console.browser()
        back = await sent_back(await begun(browser))
        code = parse_qs(urlsplit(back).query)["code"][0]
        await browser.get(back)
        again = console.browser()
        state = parse_qs(urlsplit(await begun(again)).query)["state"][0]
        answer = await again.get(RETURN, params={"code": code, "state": state})
        assert answer.status_code == 403

    run(walk())


def test_an_attempt_dies_of_age(console, provider, run):
    async def walk():
        await console.account("claire", "officer")
        browser = console.browser()
        back = await sent_back(await begun(browser))
        console.store.now += ATTEMPT_SECONDS + 1
        assert (await browser.get(back)).status_code == 400

    run(walk())


TWISTS = {
    "another nonce": {"bend": lambda claims: claims | {"nonce": "other"}},
    "no nonce": {"bend": lambda claims: {k: v for k, v in claims.items() if k != "nonce"}},
    "another issuer": {"bend": lambda claims: claims | {"iss": "https://other.example"}},
    "another audience": {"bend": lambda claims: claims | {"aud": "mail"}},
    "another party": {"bend": lambda claims: claims | {"aud": [CLIENT, "mail"], "azp": "mail"}},
    "two audiences, no party": {"bend": lambda claims: claims | {"aud": [CLIENT, "mail"]}},
    "for another audience, by us": {"bend": lambda claims: claims | {"aud": "x", "azp": CLIENT}},
    "expired": {"bend": lambda claims: claims | {"exp": claims["exp"] - 1000}},
    "no end": {"bend": lambda claims: {k: v for k, v in claims.items() if k != "exp"}},
    "from the future": {"bend": lambda claims: claims | {"iat": claims["iat"] + 1000}},
    "of another access token": {"bend": lambda claims: claims | {"at_hash": "AAAA"}},
    "of nobody": {"bend": lambda claims: claims | {"sub": ""}},
    "alg none": {"sign": unsigned},
    "alg HS256, keyed with the public key": {"sign": by_public_key},
    "signed by a stranger": {"sign": by_a_stranger},
    "no token at all": {"sign": lambda claims: "x"},
    "a name that is no account's": {"bend": lambda claims: claims | {"preferred_username": "x/y"}},
}


def test_a_token_that_is_not_right_in_all_signs_nobody_in(console, provider, run):
    async def walk():
        await console.account("claire", "officer")
        for twist, how in TWISTS.items():
            provider.bend, provider.sign = how.get("bend", dict), how.get("sign")
            browser = console.browser()
            with capture_logs() as logged:
                answer = await through(browser)
            assert answer.status_code == 403, twist
            assert 'role="alert"' in answer.text
            assert (await browser.get("/compte")).status_code == 303, twist
            assert logged[-1]["event"] == "sign-in failed"
        assert await told(console, "signed in") == []
        provider.bend, provider.sign = dict, None
        assert (await through(console.browser())).status_code == 200, "or nothing was shown"

    run(walk())


def test_a_wrong_state_or_the_answer_of_another_issuer_is_refused(console, provider, run):
    async def walk():
        await console.account("claire", "officer")
        for wrong in ("&state=other", "&iss=https://other.example"):
            browser = console.browser()
            back = await sent_back(await begun(browser))
            if "state" in wrong:
                back = back.replace("state=", "was=")
            assert (await browser.get(back + wrong)).status_code == 403

    run(walk())


def test_a_refusal_at_the_provider_is_told_in_words(console, provider, run):
    async def walk():
        provider.deny = "access_denied"
        answer = await through(console.browser())
        assert answer.status_code == 403
        assert "refusée ou interrompue" in answer.text

    run(walk())


FACTORS = [
    ({"acr": ("eidas2",)}, {"acr": "eidas2"}, 200),
    ({"acr": ("eidas2",)}, {"acr": "eidas1"}, 403),
    ({"acr": ("eidas2",)}, {}, 403),
    ({"amr": ("otp", "mfa")}, {"amr": ["pwd", "otp"]}, 200),
    ({"amr": ("otp", "mfa")}, {"amr": ["pwd"]}, 403),
    ({"amr": ("otp", "mfa")}, {}, 403),
]


def test_a_second_factor_that_is_demanded_must_have_been_asked_for(store, provider, run):
    async def walk():
        for number, (terms, claims, status) in enumerate(FACTORS):
            console = console_for(store, provider, **terms)
            await console.account(f"claire{number}", "officer")
            provider.person = CLAIRE | {"preferred_username": f"claire{number}"} | claims
            browser = console.browser()
            url = await begun(browser)
            assert ("acr_values=eidas2" in url) == ("acr" in terms)
            answer = await browser.get(await sent_back(url))
            assert answer.status_code == status, (terms, claims)

    run(walk())


def test_accounts_must_exist_unless_groups_make_them(console, provider, run):
    async def walk():
        answer = await through(console.browser())
        assert answer.status_code == 403
        assert "pas de compte ici" in answer.text
        assert await console.desk.accounts.list() == ()

    run(walk())


def test_groups_make_an_account_and_its_roles_follow_them(store, provider, run):
    async def walk():
        console = console_for(store, provider, grants=GRANTS, groups="realm.groups")
        provider.person = CLAIRE | {"email": "claire@chu.example", "realm": {"groups": ["DPO"]}}
        browser = console.browser()
        assert (await through(browser)).status_code == 200
        account = await console.desk.accounts.get("claire")
        assert (account.roles, account.compartments) == (("officer",), ("cardio",))
        assert account.origin == "oidc"
        assert account.address_hash, "nobody rules on his own mail"
        provider.person["realm"] = {"groups": ["DPO", "informatique"]}
        await through(console.browser())
        account = await console.desk.accounts.get("claire")
        assert account.roles == ("officer", "admin")
        assert account.compartments == ("cardio",), "what one group limits, another must not open"
        provider.person["realm"] = {"groups": ["autre"]}
        assert (await through(console.browser())).status_code == 403
        assert (await browser.get("/compte")).status_code == 303, "older sessions are over, too"

    run(walk())


def test_an_account_made_by_groups_has_an_address_or_does_not_come_to_be(store, provider, run):
    async def walk():
        console = console_for(store, provider, grants=GRANTS)
        for address in ({}, {"email": "claire@chu.example", "email_verified": False}):
            provider.person = CLAIRE | {"groups": "dpo"} | address
            assert (await through(console.browser())).status_code == 403
        assert await console.desk.accounts.list() == ()

    run(walk())


def test_an_account_made_by_groups_is_entered_by_no_other_way(store, provider, run):
    """Or who left the groups would still be let in."""

    async def walk():
        console = console_for(store, provider, grants=GRANTS)
        provider.person = CLAIRE | {"groups": ["dpo"], "email": "claire@chu.example"}
        assert (await through(console.browser())).status_code == 200
        person = Person("ldap", "claire", roles=("officer",), address="claire@chu.example")
        assert await console.desk.entrance.identities.admit(person) == "way"
        admin = await console.signed_in("root", "admin")
        invited = await post(admin, "/comptes/inviter", {"name": "claire"})
        assert (invited.status_code, "bienvenue" in invited.text) == (422, False)
        await console.desk.accounts.set_password("claire", HASH)
        data = {"name": "claire", "password": PASSWORD}
        assert (await console.browser().post("/entree", data=data)).status_code == 401

    run(walk())


def test_roles_that_an_administrator_gave_are_not_the_groups_to_change(store, provider, run):
    async def walk():
        console = console_for(store, provider, grants=GRANTS)
        await console.account("claire", "auditor")
        provider.person = CLAIRE | {"groups": ["dpo"], "email": "claire@chu.example"}
        assert (await through(console.browser())).status_code == 200
        assert (await console.desk.accounts.get("claire")).roles == ("auditor",)

    run(walk())


def test_an_account_belongs_to_the_first_person_who_entered_it(console, provider, run):
    async def walk():
        await console.account("claire", "officer")
        assert (await through(console.browser())).status_code == 200
        provider.person = CLAIRE | {"sub": "another Claire, years later"}
        answer = await through(console.browser())
        assert answer.status_code == 403
        assert "quelqu&#39;un d&#39;autre" in answer.text
        assert await told(console, "sign-in failed") == [("claire", "way=oidc why=another")]
        await console.desk.entrance.identities.forget("claire", "root")
        assert (await through(console.browser())).status_code == 200

    run(walk())


def test_a_closed_account_stays_closed(console, provider, run):
    async def walk():
        await console.account("claire", "officer")
        await console.desk.accounts.disable("claire", True, "root")
        assert (await through(console.browser())).status_code == 403

    run(walk())


def test_userinfo_adds_what_the_token_leaves_out_of_the_same_person_only(store, provider, run):
    async def walk():
        console = console_for(store, provider, userinfo=True, account="SubjectNameID")
        await console.account("899700018954", "officer")
        provider.told = {"sub": "claire-of-the-provider", "SubjectNameID": "899700018954"}
        assert (await through(console.browser())).status_code == 200
        provider.told["sub"] = "other"
        assert (await through(console.browser())).status_code == 403

    run(walk())


AWAY = {
    "an error": {"status": 500},
    "a redirection": {"status": 302},
    "another issuer": {"about": {"issuer": "https://other.example"}},
    "an endpoint in clear elsewhere": {"about": {"token_endpoint": "ftp://127.0.0.1/"}},
    "no keys' address": {"about": {"jwks_uri": None}},
    "too much": {"about": {"more": "x" * (fetch.MOST_BYTES + 1)}},
}


def test_a_provider_that_is_away_is_told_and_local_accounts_go_on(store, provider, run):
    async def walk():
        for number, (why, how) in enumerate(AWAY.items()):
            console = console_for(store, provider)
            provider.about, provider.status = how.get("about", {}), how.get("status", 200)
            browser = console.browser()
            answer = await browser.post("/entree/oidc")
            assert answer.status_code == 503, why
            assert "Annuaire du CHU ne répond pas" in answer.text
            assert "ne répond pas" in (await console.browser().get("/entree")).text
            await console.signed_in(f"paul{number}", "officer")
            console.store.now += 61
            assert "ne répond pas" not in (await console.browser().get("/entree")).text

    run(walk())


def test_a_provider_that_went_away_meanwhile_is_told(console, provider, run):
    async def walk():
        await console.account("claire", "officer")
        browser = console.browser()
        back = await sent_back(await begun(browser))
        provider.status = 500  # its keys are not to be had
        assert (await browser.get(back)).status_code == 503

    run(walk())


def test_new_keys_of_the_provider_are_fetched_but_not_for_every_forged_token(
    console, provider, run
):
    async def walk():
        await console.account("claire", "officer")
        await through(console.browser())
        console.store.now += oidc.FRESH_SECONDS + 1
        provider.key = type(provider.key).generate_key(2048, {"kid": "one"}, private=True)
        assert (await through(console.browser())).status_code == 200
        provider.sign = unsigned
        before = provider.seen.count("/keys")
        for _ in range(5):
            assert (await through(console.browser())).status_code == 403
        assert provider.seen.count("/keys") == before

    run(walk())


@pytest.mark.parametrize("methods", [None, ["client_secret_post"], ["client_secret_basic"]])
def test_the_client_proves_who_it_is_as_the_provider_wants(console, provider, run, methods):
    async def walk():
        await console.account("claire", "officer")
        provider.about["token_endpoint_auth_methods_supported"] = methods
        assert (await through(console.browser())).status_code == 200

    run(walk())


def test_signing_out_ends_the_session_at_the_provider_without_a_token_in_the_address(
    console, provider, run
):
    async def walk():
        await console.account("claire", "officer")
        browser = console.browser()
        await through(browser)
        answer = await post(browser, "/sortie")
        url = urlsplit(answer.headers["refresh"].removeprefix("0;url="))
        assert url.path == "/end_session"
        assert parse_qs(url.query).keys() == {"client_id", "post_logout_redirect_uri"}
        assert (await browser.get("/compte")).status_code == 303
        local = await console.signed_in("paul", "officer")
        assert (await post(local, "/sortie")).headers["location"] == "/entree", "came by password"

    run(walk())


def test_nothing_of_the_tokens_is_logged_kept_or_put_into_an_address(
    console, provider, run, caplog
):
    tokens = []

    def kept(claims):
        tokens.append(provider.signed(claims))
        return tokens[-1]

    async def walk():
        caplog.set_level(logging.DEBUG)
        provider.sign = kept
        await console.account("claire", "officer")
        browser = console.browser()
        with capture_logs() as logged:
            answer = await through(browser)
            provider.bend = lambda claims: claims | {"nonce": "other"}
            await through(console.browser())
        out = (await post(browser, "/sortie")).headers["refresh"]
        rows = [
            await console.store.rows(name)
            for name in ("accounts", "sessions", "attempts", "events")
        ]
        everywhere = repr((logged, rows, answer.text, out, provider.seen)) + caplog.text
        for secret in (*tokens, *(part for one in tokens for part in one.split(".")[1:]), SECRET):
            assert secret not in everywhere
        assert "claire-of-the-provider" not in repr(rows), (
            "who the provider's people are is kept as a hash"
        )

    run(walk())


@pytest.mark.parametrize(
    "told",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/dossiers//evil.example",
        "/%2F/evil.example",
        "/dossiers/x?y=//evil.example",
        "javascript:alert(1)",
        "/dossiers/../../evil",
        "/x\r\nrefresh: 0;url=//evil.example",
        "",
    ],
)
def test_no_sign_in_leads_to_another_site(told):
    assert onward(told) == "/"


def test_after_signing_in_one_is_where_one_wanted_to_go(console, run):
    async def walk():
        hold = await console.hold()
        await console.account("claire", "officer")
        browser = console.browser()
        sent = (await browser.get(f"/dossiers/{hold}")).headers["location"]
        assert sent == f"/entree?suite=/dossiers/{hold}"
        page = (await browser.get(sent)).text
        assert page.count(f'name="suite" value="/dossiers/{hold}"') == 3, "whatever the way"
        data = {"name": "claire", "password": PASSWORD, "suite": f"/dossiers/{hold}"}
        answer = await browser.post("/entree", data=data)
        assert answer.headers["location"] == f"/dossiers/{hold}"

    run(walk())


def test_a_link_from_another_site_finds_the_session_that_is_there(console, run):
    """The strict cookie stays behind on the first try; the page is asked for again, from here."""

    async def walk():
        browser = console.browser(**{"sec-fetch-site": "cross-site"})
        answer = await browser.get("/dossiers/7K2F-9QXD")
        assert answer.headers["refresh"] == "0;url=/dossiers/7K2F-9QXD"
        assert answer.headers["x-frame-options"] == "DENY"

    run(walk())


def test_too_many_attempts_at_once_are_refused_and_none_is_lost(console, run):
    async def walk():
        attempts = console.desk.entrance.attempts
        first = await attempts.begin("oidc", {"state": "a"})
        row = {"way": "oidc", "asked": "{}", "expires": console.store.now + 60}
        rows = [row | {"token_hash": f"{n:064}"} for n in range(MOST)]
        await console.store.database.write(lambda c: c.execute(insert(attempts_table), rows))
        answer = await console.browser().post("/entree/oidc")
        assert answer.status_code == 503
        assert await attempts.end("oidc", first) == {"state": "a"}

    run(walk())


def test_a_console_without_provider_has_no_such_pages(store, run):
    async def walk():
        console = Console(store)
        assert (await console.browser().post("/entree/oidc")).status_code == 404
        assert (await console.browser().get(RETURN)).status_code == 404
        assert "Se connecter avec" not in (await console.browser().get("/entree")).text

    run(walk())


def test_what_is_agreed_is_never_shown():
    terms = oidc.Terms("x", "https://x.example", CLIENT, "https://y.example", SECRET)
    assert SECRET not in repr(terms)
