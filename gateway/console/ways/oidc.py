"""OpenID Connect: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636, RFC 9207).

    begin ─▶ the browser goes to the provider, and comes back with a code ─▶ finish ─▶ a Person

What ties the way back to the way out (state, nonce, the verifier) stays on the server. Nothing of
the tokens is kept, shown, logged or put into an address: the ID token is verified (signature,
issuer, audience, expiry, nonce, hash of the access token) and forgotten. Only asymmetric signatures
count: the client's secret signs nothing.

Signing out at the provider goes without `id_token_hint`, since it would be a token in an address:
the provider asks the person itself.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, import_key

from gateway.console.ways.fetch import Away, Fetcher
from gateway.console.ways.groups import Grant, account_name, granted
from gateway.store.identities import Person

WAY = "oidc"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
KEPT_SECONDS = 3600.0  # of what the provider says about itself, and of its keys
FRESH_SECONDS = 60.0  # no key set is asked for again sooner, whatever key a token names
_LEEWAY_SECONDS = 60  # between two clocks
_KINDS_OF_KEYS = ("RSA", "EC", "OKP")  # never "oct": a public key must not pass for a secret


class Refused(Exception):
    """The provider's answer does not let anybody in. code: a word for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed with the provider. secret: None: a public client. account, address, groups:
    the claims that tell them; "a.b" is b within a. acr, amr: what counts as a second factor, one
    of each that is not empty. grants: by group; {}: accounts must exist."""

    name: str
    issuer: str
    client_id: str
    redirect_uri: str
    secret: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    account: str = "preferred_username"
    address: str = "email"
    groups: str = "groups"
    userinfo: bool = False
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    grants: Mapping[str, Grant] = field(default_factory=dict)
    end_session: bool = True


class Provider:
    """away: when it was last found away; 0.0 while it answers."""

    def __init__(
        self, terms: Terms, fetcher: Fetcher, clock: Callable[[], float] = time.time
    ) -> None:
        self.terms = terms
        self.away = 0.0
        self._fetcher = fetcher
        self._clock = clock
        self._about: tuple[float, dict[str, Any]] = (0.0, {})  # when it was read, what it said
        self._keys: tuple[float, tuple[Key, ...]] = (0.0, ())

    async def begin(self) -> tuple[str, dict[str, str]]:
        """Where the browser goes, and what to ask of it when it is back. Raises Away."""
        asked = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        terms, about = self.terms, await self._known()
        more = {"acr_values": " ".join(terms.acr)} if terms.acr else {}
        where = prepare_grant_uri(
            about["authorization_endpoint"],
            client_id=terms.client_id,
            response_type="code",
            redirect_uri=terms.redirect_uri,
            scope=" ".join(terms.scopes),
            state=asked["state"],
            nonce=asked["nonce"],
            code_challenge=create_s256_code_challenge(asked["verifier"]),
            code_challenge_method="S256",
            **more,
        )
        return str(where), asked

    async def finish(self, asked: Mapping[str, str], answer: Mapping[str, str]) -> Person:
        """answer: the parameters that the browser came back with. Raises Away, Refused."""
        if not hmac.compare_digest(asked["state"].encode(), answer.get("state", "").encode()):
            raise Refused("state")
        if answer.get("iss", self.terms.issuer) != self.terms.issuer:
            raise Refused("issuer")
        if answer.get("error"):
            raise Refused("denied")
        if not answer.get("code"):
            raise Refused("code")
        tokens = await self._redeemed(answer["code"], asked["verifier"])
        claims = await self._verified(tokens, asked["nonce"])
        if self.terms.userinfo:
            claims = await self._told(tokens, claims["sub"]) | claims
        return self._person(claims)

    async def way_out(self, return_to: str) -> str:
        """Where the browser ends the session at the provider; "" where it need not."""
        if not self.terms.end_session:
            return ""
        try:
            where = (await self._known()).get("end_session_endpoint")
        except Away:
            return ""
        if not isinstance(where, str) or not self._is_safe(where):
            return ""
        fields = {"client_id": self.terms.client_id, "post_logout_redirect_uri": return_to}
        return f"{where}{'&' if '?' in where else '?'}{urlencode(fields)}"

    async def _known(self) -> dict[str, Any]:
        """What the provider says about itself (OpenID Connect Discovery 1.0)."""
        read, about = self._about
        if about and self._clock() - read < KEPT_SECONDS:
            return about
        url = f"{self.terms.issuer.rstrip('/')}/.well-known/openid-configuration"
        about = await self._asked(url)
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if about.get("issuer") != self.terms.issuer:
            raise self._found_away("another issuer")
        if not all(isinstance(about.get(n), str) and self._is_safe(about[n]) for n in needed):
            raise self._found_away("endpoints")
        self._about = self._clock(), about
        return about

    async def _asked(self, url: str, **more: Any) -> dict[str, Any]:
        try:
            found = await self._fetcher.json(url, **more)
        except Away as away:
            raise self._found_away(away.code) from None
        self.away = 0.0
        return found

    def _found_away(self, code: str) -> Away:
        self.away = self._clock()
        return Away(code)

    def _is_safe(self, url: str) -> bool:
        """As safe as the issuer's own address, which the configuration vouches for."""
        scheme = urlsplit(url).scheme
        return scheme == "https" or (scheme == "http" and self.terms.issuer.startswith("http:"))

    async def _redeemed(self, code: str, verifier: str) -> dict[str, Any]:
        """The tokens. A code that was used before, or is somebody else's, is refused there."""
        about, terms = await self._known(), self.terms
        form = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=terms.redirect_uri,
            code_verifier=verifier,
        )
        url, headers, form = self._client(about).prepare(
            "POST",
            about["token_endpoint"],
            {"Content-Type": "application/x-www-form-urlencoded"},
            form,
        )
        try:
            return await self._fetcher.json(url, headers=headers, form=form)
        except Away as away:
            if away.code in ("status 400", "status 401", "status 403"):
                raise Refused("code") from None
            raise self._found_away(away.code) from None

    def _client(self, about: Mapping[str, Any]) -> Any:
        """How we prove who we are: "basic" where the provider takes it (the default of the
        specification), which asks for both words in the encoding of forms (RFC 6749, 2.3.1)."""
        client, secret = self.terms.client_id, self.terms.secret
        if secret is None:
            return ClientAuth(client, None, "none")
        methods = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in methods:
            return ClientAuth(quote(client, safe=""), quote(secret, safe=""), "client_secret_basic")
        return ClientAuth(client, secret, "client_secret_post")

    async def _verified(self, tokens: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token, none of which counts unless all is right."""
        raw, terms = tokens.get("id_token"), self.terms
        if not isinstance(raw, str):
            raise Refused("no ID token")
        try:
            token = await self._signed(raw)
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": terms.issuer},
                    "aud": {"essential": True, "value": terms.client_id},
                },
                {
                    "nonce": nonce,
                    "client_id": terms.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(int(self._clock()), _LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Refused(_code(error)) from None
        if not claims["sub"]:
            raise Refused("missing_claim sub")
        self._demand_factors(claims)
        return dict(claims)

    async def _signed(self, raw: str) -> jwt.Token:
        """By a key of the provider's; its keys are read anew for one that we do not know."""
        for fresh in (False, True):
            keys = await self._key_set(fresh)
            try:
                return jwt.decode(raw, keys, algorithms=list(ALGORITHMS))
            except JoseError:
                if fresh:
                    raise
        raise AssertionError

    async def _key_set(self, fresh: bool) -> KeySet:
        read, keys = self._keys
        if not keys or self._clock() - read > (FRESH_SECONDS if fresh else KEPT_SECONDS):
            found = await self._asked((await self._known())["jwks_uri"])
            keys = tuple(_usable(found.get("keys")))
            self._keys = self._clock(), keys
        return KeySet(list(keys))

    def _demand_factors(self, claims: Mapping[str, Any]) -> None:
        """A wish (`acr_values`) is a wish: what was done is in the token."""
        told = claims.get("amr") or []
        if self.terms.acr and claims.get("acr") not in self.terms.acr:
            raise Refused("second factor")
        if self.terms.amr and not set(self.terms.amr) & set(map(str, told)):
            raise Refused("second factor")

    async def _told(self, tokens: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """What the provider tells of the person beside the ID token, of that same person only."""
        where, token = (await self._known()).get("userinfo_endpoint"), tokens.get("access_token")
        if not isinstance(where, str) or not self._is_safe(where) or not isinstance(token, str):
            raise Refused("userinfo")
        told = await self._asked(where, headers={"Authorization": f"Bearer {token}"})
        if told.get("sub") != subject:
            raise Refused("userinfo")
        return told

    def _person(self, claims: Mapping[str, Any]) -> Person:
        terms = self.terms
        name = account_name(str(_claim(claims, terms.account) or ""))
        if not name:
            raise Refused("no account name")
        sure = claims.get("email_verified") is not False
        address = _claim(claims, terms.address) if sure or terms.address != "email" else None
        told = _claim(claims, terms.groups)
        groups = [told] if isinstance(told, str) else told if isinstance(told, list) else []
        grant = granted((group for group in groups if isinstance(group, str)), terms.grants)
        return Person(
            WAY,
            name,
            claims["sub"],
            address if isinstance(address, str) else "",
            grant.roles,
            grant.compartments,
        )


def _usable(keys: object) -> list[Key]:
    """Public keys for signatures; those of kinds we do not know are not ours to use."""
    found = []
    for one in keys if isinstance(keys, list) else []:
        fit = isinstance(one, dict) and one.get("kty") in _KINDS_OF_KEYS and one.get("use") != "enc"
        if not fit:
            continue
        try:
            found.append(import_key(one))
        except (JoseError, ValueError, TypeError):
            continue
    return found


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _code(error: Exception) -> str:
    """ "invalid_claim: nonce": names, never values."""
    claim = getattr(error, "claim", "")
    kind = getattr(error, "error", "") or type(error).__name__
    return f"{kind} {claim}".strip() if isinstance(claim, str) else kind
