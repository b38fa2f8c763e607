"""MAIL and RCPT arguments: the path, then its parameters (RFC 5321, 4.1.2; RFC 6531; RFC 3461).

By hand, since an RFC 5322 header parser costs more than all the rest of a small mail. What a
reader of the envelope could misunderstand is refused (controls, spaces, angle brackets outside
quotes); what is merely unusual (two dots, a long local part) passes, and the next hop judges it.
Addresses and parameters are carried as received, source routes dropped (RFC 5321, appendix C).
"""

from __future__ import annotations

import re

from gateway.receive.wording import Refusal

ADDRESS_OCTETS = 512  # RFC 5321 asks for 256 at least; addresses of bounces are longer at times

_PLAIN = re.compile(
    r"<([\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)>", re.A
)
_BARE = re.compile(r"<([\w.!#$%&'*+/=?^`{|}~-]+)>", re.A)
_LOCAL = re.compile(r'[^\s"()<>\[\]:;@\\,\x00-\x1f\x7f]+')
_QUOTED = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"')
_DOMAIN = re.compile(r"\w(?:[\w.-]*\w)?")
_LITERAL = re.compile(r"\[[A-Za-z0-9:.-]+\]")
_ROUTE = re.compile(r"@[\w.\[\]:-]+(?:,@[\w.\[\]:-]+)*:")
_VALUE = re.compile(r"[^\x00-\x20=\x7f][^\x00-\x20\x7f]*")


def split_path(text: str, *, sender: bool) -> tuple[str, str]:
    """("a@b.fr", "SIZE=12 BODY=8BITMIME") of "<a@b.fr> SIZE=12 BODY=8BITMIME"."""
    found = _PLAIN.match(text)
    if found:
        address, end = found[1], found.end()
    else:
        address, end = _rare_path(text, sender=sender)
    rest = text[end:]
    if (rest and rest[0] != " ") or len(address) > ADDRESS_OCTETS:
        raise _bad_address(sender=sender)
    return address, rest.strip(" ")


def _rare_path(text: str, *, sender: bool) -> tuple[str, int]:
    """Null, without domain, source route, quoted or non-ASCII local part, literal."""
    if text.startswith("<>") and sender:
        return "", 2
    if bare := _BARE.match(text):
        return bare[1], bare.end()
    route = _ROUTE.match(text, 1)
    start = route.end() if route else 1
    local = _QUOTED.match(text, start) or _LOCAL.match(text, start)
    if not text.startswith("<") or local is None or text[local.end() : local.end() + 1] != "@":
        raise _bad_address(sender=sender)
    at = local.end() + 1
    domain = _DOMAIN.match(text, at) or _LITERAL.match(text, at)
    if domain is None or text[domain.end() : domain.end() + 1] != ">":
        raise _bad_address(sender=sender)
    return text[start : domain.end()], domain.end() + 1


def _bad_address(*, sender: bool) -> Refusal:
    return Refusal(
        501, "5.1.7" if sender else "5.1.3", "Adresse incorrecte, attendue : <nom@domaine>"
    )


def split_parameters(text: str) -> list[tuple[str, str, str]]:
    """(keyword in capitals, value, as received) of each; a keyword comes once."""
    parameters = []
    for word in text.split():
        keyword, equals, value = word.partition("=")
        parameters.append((keyword.upper(), value, word))
        if bool(equals) != bool(value) or (value and not _VALUE.fullmatch(value)):
            raise bad_parameter(keyword)
    keywords = [keyword for keyword, _, _ in parameters]
    if len(set(keywords)) != len(keywords):
        raise Refusal(501, "5.5.4", "Une option est en double")
    return parameters


def bad_parameter(keyword: str) -> Refusal:
    """Names the option, never its value."""
    known = {"BODY", "SIZE", "SMTPUTF8", "RET", "ENVID", "AUTH", "NOTIFY", "ORCPT"}
    name = keyword.upper() if keyword.upper() in known else "?"
    return Refusal(501, "5.5.4", f"Option incorrecte : {name}")


def unknown_parameter() -> Refusal:
    return Refusal(555, "5.5.4", "Option inconnue")
