"""A provider of identities (OpenID Connect) on 127.0.0.1, in a thread of its own: discovery, keys,
authorization with PKCE, tokens, userinfo, sign-out. Whoever comes is the person it is told; tests
bend what it answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "console", "un secret: avec / et %"
Claims = dict[str, Any]
_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)


@dataclass
class Provider:
    """person: the claims of who signs in. bend: what becomes of an ID token's claims. sign: makes a
    token of them. about: more of what it says about itself. status: for every answer but 200."""

    clock: Callable[[], float]
    person: Claims
    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: _KEY)
    bend: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[Claims], str] | None = None
    about: Claims = field(default_factory=dict)
    told: Claims = field(default_factory=dict)  # by userinfo
    deny: str = ""
    status: int = 200
    seen: list[str] = field(default_factory=list)  # paths with their queries
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def discovery(self) -> Claims:
        ways = ("authorization", "token", "userinfo", "end_session")
        endpoints = {f"{way}_endpoint": f"{self.issuer}/{way}" for way in ways}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"} | endpoints | self.about

    def keys(self) -> Claims:
        strange = {"kty": "XYZ", "kid": "two"}, {"kty": "oct", "k": "AAAA", "kid": "three"}
        return {"keys": [*strange, self.key.as_dict(private=False)]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes back to."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        answer = {"error": self.deny} if self.deny else {"code": code}
        return f"{asked['redirect_uri']}?{urlencode(answer | {'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        asked = self.codes.pop(form.get("code", ""), None)
        fits = asked is not None and (
            form["redirect_uri"] == asked["redirect_uri"]
            and _hashed(form["code_verifier"]) == asked["code_challenge"]
            and self._knows(form, authorization)
        )
        if asked is None or not fits:
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        now = int(self.clock())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60} | self.person
        claims |= {"nonce": asked["nonce"], "at_hash": _half(access)}
        raw = (self.sign or self.signed)(self.bend(claims))
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": raw}

    def signed(self, claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def _knows(self, form: dict[str, str], authorization: str) -> bool:
        if form.get("client_secret") == SECRET:
            return form.get("client_id") == CLIENT
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).partition(b":")
        return (unquote(name.decode()), unquote(secret.decode())) == (CLIENT, SECRET)


def unsigned(claims: Claims) -> str:
    """alg none."""
    return ".".join((_text(b'{"alg":"none"}'), _text(json.dumps(claims).encode()), ""))


def by_public_key(claims: Claims) -> str:
    """HS256 with the public key for a secret: what a careless verifier takes for signed."""
    head, body = b'{"alg":"HS256","kid":"one"}', json.dumps(claims).encode()
    said = f"{_text(head)}.{_text(body)}"
    seal = hmac.digest(_KEY.as_pem(private=False), said.encode(), "sha256")
    return f"{said}.{_text(seal)}"


def by_a_stranger(claims: Claims) -> str:
    key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.issuer = provider.issuer or f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.seen.append(self.path)
            asked = {
                name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()
            }
            match urlsplit(self.path).path:
                case "/.well-known/openid-configuration":
                    self._say(provider.status, provider.discovery())
                case "/keys":
                    self._say(provider.status, provider.keys())
                case "/userinfo":
                    self._say(provider.status, provider.told)
                case "/authorization":
                    self._say(302, {}, provider.authorize(asked))
                case _:
                    self._say(200, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*provider.token(form, self.headers.get("authorization", "")))

        def _say(self, status: int, what: Claims, location: str = "") -> None:
            body = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            if location:
                self.send_header("location", location)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _hashed(verifier: str) -> str:
    return _text(hashlib.sha256(verifier.encode()).digest())


def _half(token: str) -> str:
    return _text(hashlib.sha256(token.encode()).digest()[:16])


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
