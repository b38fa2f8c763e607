"""`vaguemestre relay test`: meet the next hop of a recipient now, and tell what was found there.

It connects as a mail would, under the same policy, up to the login where there is one, and parts:
no MAIL, no mail.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Iterator
from typing import Annotated

import typer
from cryptography import x509

from gateway import hops
from gateway.act.hop import Hop
from gateway.act.relay import NO_WAY
from gateway.act.server import Server
from gateway.act.smtp_client import Client, Unusable, connect
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    configuration,
    print_json,
    show,
)
from gateway.config import Config
from gateway.model import Reply

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Next hops: test.")

SECONDS = 20.0  # for each server

Told = dict[str, object]


@app.callback()
def relay() -> None:
    """Next hops, as they are now."""


@app.command()
def test(
    recipient: Annotated[str, typer.Argument(help="An address, or its domain.")],
    sealed: Annotated[bool, typer.Option("--sealed", help="As what we encrypted.")] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Connect to every server of a recipient's next hop, under its policy; send nothing."""
    with clear_errors():
        found = asyncio.run(
            _met(configuration(config), recipient, "sealed" if sealed else "default")
        )
    for told in found:
        if json:
            print_json(told)
        else:
            show("\n".join(_lines(told)))
    if not any(told["usable"] for told in found):
        raise typer.Exit(STOPPED)


async def _met(config: Config, recipient: str, route: str) -> list[Told]:
    routes = hops.routes(config)
    destination = hops.destination(config, routes)
    domain = recipient.rpartition("@")[2].lower()
    hop = routes.hop(domain, route)
    if hop is None:
        return [{"domain": domain, "usable": False, "reply": _said(NO_WAY)}]
    found: list[Told] = []
    policy: Told = {}
    try:
        if hop.tls == "mta-sts":
            several = await destination.exchangers(hop, domain)
            known = await destination.policy(hop, several.domain)
            policy = {"policy": known.mode if known else None}
        async for server in destination.servers(hop, domain):
            met = await _one(server, hop, str(config.hostname))
            found.append(policy | met)
    except Unusable as error:
        if not found:
            found.append(policy | {"domain": domain, "usable": False, "reply": _said(error.reply)})
    return found


async def _one(server: Server, hop: Hop, hostname: str) -> Told:
    told: Told = {
        "host": server.known_as,
        "address": server.host,
        "port": server.port,
        "asked": hop.tls,
        "owed": server.tls,
    }
    if server.proof:
        told["tlsa"] = len(server.proof.records)
    deadline = asyncio.get_running_loop().time() + SECONDS
    try:
        client = await connect(server, hostname, SECONDS, deadline)
    except Unusable as error:
        return told | {"usable": False, "reply": _said(error.reply)} | _why(error)
    seen = _tls(client)
    client.wire.close()
    return told | {"usable": True} | seen


def _tls(client: Client) -> Told:
    secured = client.wire.tls
    if secured is None:
        return {"tls": None}
    seen: Told = {"tls": secured.version(), "cipher": (secured.cipher() or ("",))[0]}
    for der in client.wire.chain()[:1]:
        seen["sha256"] = hashlib.sha256(der).hexdigest()
        try:
            certificate = x509.load_der_x509_certificate(der)
            seen["issuer"] = certificate.issuer.rfc4514_string()
            seen["until"] = certificate.not_valid_after_utc.date().isoformat()
        except (ValueError, x509.InvalidVersion):  # unreadable, and nobody verified it
            seen["issuer"] = "?"
    return seen


def _said(reply: Reply) -> str:
    return " ".join((str(reply.code), reply.enhanced, *reply.text))


def _why(error: BaseException) -> Told:
    """What openssl had against the certificate, further down."""
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return {"why": cause.verify_message}
    if isinstance(cause, ssl.SSLError):
        return {"why": str(cause.reason)}
    return {}


def _lines(told: Told) -> Iterator[str]:
    if "host" not in told:
        yield f"{told['domain']} : {told['reply']}"
        return
    yield f"{told['host']} ({told['address']}, port {told['port']})"
    proof = f", {told['tlsa']} enregistrement(s) TLSA" if "tlsa" in told else ""
    policy = f", politique {told['policy'] or 'absente'}" if "policy" in told else ""
    yield f"  demandé : {told['asked']} ; dû ici : {told['owed']}{proof}{policy}"
    if not told["usable"]:
        yield f"  refusé : {told['reply']}" + (f" ({told['why']})" if "why" in told else "")
        return
    if told["tls"] is None:
        yield "  accepté, en clair"
        return
    yield f"  accepté : {told['tls']}, {told['cipher']}"
    if "sha256" in told:
        yield f"  certificat de {told['issuer']}, jusqu'au {told.get('until', '?')}"
        yield f"  empreinte SHA-256 {told['sha256']}"
