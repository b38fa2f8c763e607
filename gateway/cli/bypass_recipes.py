"""How mail goes past the gateway within a minute, and through it again: Postfix's own commands.

The same lines stand in docs/operateur/contournement.md, and a test runs them there: for the files
of deploy/postfix, whose names and ports they suppose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.config_words import Listen


@dataclass(frozen=True, slots=True)
class Recipe:
    """title: in French. out, back: commands, to be run as root in this order; {at} is the address
    that the door listens on. address: the one that docs and deploy/ have."""

    title: str
    address: str
    out: tuple[str, ...]
    back: tuple[str, ...]


RECIPES: Mapping[str, Recipe] = {
    "smtp": Recipe(
        "smtpd_proxy_filter (avant la file)",
        "127.0.0.1:10025",
        ("postconf -P smtp/inet/smtpd_proxy_filter=", "postfix reload"),
        ("postconf -P smtp/inet/smtpd_proxy_filter={at}", "postfix reload"),
    ),
    "lmtp": Recipe(
        "content_filter (après la file)",
        "[127.0.0.1]:10024",
        ("postconf -e content_filter=", "postfix reload", "postsuper -r ALL"),
        ("postconf -e content_filter=vaguemestre:{at}", "postfix reload"),
    ),
    "milter": Recipe(
        "milter",
        "inet:127.0.0.1:10023",
        ("postconf -e smtpd_milters= non_smtpd_milters=", "postfix reload"),
        ("postconf -e smtpd_milters={at} 'non_smtpd_milters=$smtpd_milters'", "postfix reload"),
    ),
}


def commands(door: str, listen: Listen, *, back: bool) -> list[str]:
    """For the door as it is configured."""
    recipe = RECIPES[door]
    return [line.format(at=_at(door, listen)) for line in (recipe.back if back else recipe.out)]


def _at(door: str, listen: Listen) -> str:
    """As Postfix writes it at that place."""
    if door == "milter":
        return str(listen) if listen.path else f"inet:{listen}"
    if listen.path or door == "smtp":
        return str(listen)
    return f"[{'ipv6:' if ':' in listen.host else ''}{listen.host}]:{listen.port}"
