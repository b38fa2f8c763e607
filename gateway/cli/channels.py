"""`vaguemestre channels`: by which way an encrypted mail would reach an address, and why no better
one. Look-ups only; nothing is sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

import typer

from gateway import parts
from gateway.act.encrypt import Choice
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    configuration,
    fail,
    print_json,
    show,
)
from gateway.cli.messages import addresses_in, as_mail


def channels(
    addresses: Annotated[list[str], typer.Argument(help="Recipients.", metavar="ADDRESS...")],
    config: ConfigOption = None,
    sender: Annotated[
        str | None, typer.Option("--from", help="Who would write; by default, one of ours.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say by which way each recipient would get an encrypted mail, and why no better one."""
    with clear_errors():
        settings = configuration(config)
        ways = parts.channels(settings)
    writer = settings.notices_from if sender is None else sender and _addresses(sender)[0]
    content = f"From: {writer or settings.notices_from}\r\n\r\n".encode()
    named = [address for written in addresses for address in _addresses(written)]
    mail = as_mail(content, writer, named, time.time())
    lost = False
    for address in mail.envelope.addresses:
        choice = ways.weigh(mail, address)
        lost |= choice.method is None
        if json:
            name = choice.method.name if choice.method else None
            print_json({"address": address, "channel": name, "missed": dict(choice.missed)})
        else:
            show("\n".join([address, *(f"  {line}" for line in told(choice))]))
    raise typer.Exit(STOPPED if lost else 0)


def _addresses(written: str) -> list[str]:
    """As people paste them, "Marie <marie@cabinet.example>" too."""
    found = list(addresses_in(written))
    if not found:
        fail(f"this is no mail address: {written}")
    return found


def told(choice: Choice) -> Iterator[str]:
    """The way taken, then the better ones that do not fit."""
    yield f"voie : {choice.method.name}" if choice.method else "aucune voie chiffrée"
    for name, lacks in choice.missed:
        yield f"- {name} : {lacks}"
