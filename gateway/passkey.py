"""Passkeys (WebAuthn level 2): a key in a telephone, a computer or a token, bound to the address of
these pages (console, portal), so that no other site can ask for it.

The authenticator must have recognised the person (a finger, a face, a code): what one has and what
one is or knows, two factors in one. No attestation is asked for: which make somebody's telephone is
of is no business of ours. A counter that does not go up tells of a copy, and is refused.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

WAY = "passkey"
LONGEST_ANSWER = 10_000  # characters; some have a kilobyte
_LONGEST_CREDENTIAL = 1_023  # bytes, says WebAuthn
_HOUSE = "Vaguemestre"


class Passkey(Protocol):
    """What is kept of one. credential: its id, as the authenticator made it. counter: of its last
    use; 0 for authenticators that do not count."""

    @property
    def credential(self) -> bytes: ...

    @property
    def public_key(self) -> bytes: ...

    @property
    def counter(self) -> int: ...


class Refused(Exception):
    """The answer does not fit what was asked. code: a word for the record."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Site:
    """Pages as browsers know them: passkeys are bound to their name. name: "" where they can have
    none: no https, or a number for a name. house: as browsers show it."""

    origin: str
    name: str
    house: str = _HOUSE

    @classmethod
    def of(cls, url: str, house: str = _HOUSE) -> Site:
        parts = urlsplit(url)
        host = parts.hostname or ""
        secure = parts.scheme == "https" or host == "localhost"
        return cls(
            f"{parts.scheme}://{parts.netloc}", host if secure and _is_name(host) else "", house
        )

    def to_register(self, account: str, handle: bytes, known: Iterable[Passkey]) -> dict[str, Any]:
        """What to ask the browser for: never a second key on one authenticator."""
        options = generate_registration_options(
            rp_id=self.name,
            rp_name=self.house,
            user_name=account,
            user_id=handle,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential) for one in known],
        )
        return dict(json.loads(options_to_json(options)))

    def to_enter(self) -> dict[str, Any]:
        """Of whoever is there: the browser offers the keys that it has for these pages."""
        options = generate_authentication_options(
            rp_id=self.name, user_verification=UserVerificationRequirement.REQUIRED
        )
        return dict(json.loads(options_to_json(options)))

    def registered(self, answer: str, challenge: str) -> tuple[bytes, bytes, int]:
        """Credential, public key, counter. Raises Refused."""
        try:
            found = verify_registration_response(
                credential=_parsed(answer),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self.name,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError):
            raise Refused("answer") from None
        if len(found.credential_id) > _LONGEST_CREDENTIAL:
            raise Refused("answer")
        return found.credential_id, found.credential_public_key, found.sign_count

    def entered(
        self, answer: str, challenge: str, passkey: Passkey, handles: Iterable[bytes]
    ) -> int:
        """The new counter. handles: any that its owner's authenticator may keep. Raises Refused."""
        parsed = _parsed(answer)
        response = parsed.get("response")
        told = response.get("userHandle") if isinstance(response, dict) else None
        if told and told not in map(bytes_to_base64url, handles):
            raise Refused("another account's")
        try:
            found = verify_authentication_response(
                credential=parsed,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self.name,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError):
            raise Refused("answer") from None
        if (found.new_sign_count or passkey.counter) and found.new_sign_count <= passkey.counter:
            raise Refused("counter")
        return found.new_sign_count


def credential_of(answer: str) -> bytes:
    """Which passkey an answer says it is from. Raises Refused."""
    told = _parsed(answer).get("id")
    if not isinstance(told, str) or not told:
        raise Refused("answer")
    try:
        return base64url_to_bytes(told)
    except ValueError:
        raise Refused("answer") from None


def _parsed(answer: str) -> dict[str, Any]:
    try:
        parsed = json.loads(answer)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise Refused("answer")
    return parsed


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host)
    return False
