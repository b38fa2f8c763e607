"""`vaguemestre dkim`: keys that sign what we write or change, from their making to their end.

A new key waits until its day, so that its record can be published before; then it signs in the
place of the older ones of its domain and algorithm. Those verify for as long as their records stay
in DNS, which they must until the last mail has arrived; then they are retired.
"""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import dkim
import dns.exception
import dns.resolver
import typer

from gateway import parts
from gateway.act.resolve import Resolver
from gateway.act.sign import DkimKey, Signer, load
from gateway.act.verify import Lookup, Unanswered
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    configuration,
    fail,
    out,
    print_json,
)
from gateway.config import Config
from gateway.config_signing import DNS_PORT, resolver_address
from gateway.errors import Misconfigured
from gateway.store import dkim_keys
from gateway.store.dkim_keys import ALGORITHMS, Made

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="DKIM keys: new, list, check, retire."
)

PUBLISH_DAYS = 2  # between the making of a key and its first day: time to publish its record
LINGER_DAYS = (
    7  # a replaced key's record stays: queues keep a mail five days, readers a little more
)
PROBE = b"From: essai@%b\r\nTo: essai@%b\r\nSubject: essai\r\n\r\nEssai.\r\n"
CHECK_SECONDS = 10.0

DomainOption = Annotated[
    str | None, typer.Option("--domain", help="Whose key. By default the first of `domains`.")
]


@dataclass(frozen=True, slots=True)
class Standing:
    """signs: today. until: seconds since the epoch up to which the record must stay; 0: unknown."""

    made: Made
    signs: bool
    until: float = 0.0


@app.command("new")
def new(
    config: ConfigOption = None,
    domain: DomainOption = None,
    algorithm: Annotated[
        str, typer.Option("--algorithm", help="rsa, ed25519, or both: two signatures.")
    ] = "both",
    selector: Annotated[
        str | None, typer.Option("--selector", help="By default made of the day.")
    ] = None,
    active_from: Annotated[
        datetime | None,
        typer.Option(
            "--active-from", formats=["%Y-%m-%d"], help="First day. By default in two days."
        ),
    ] = None,
) -> None:
    """Make a key, or the one to follow, and print the record to publish."""
    wanted = ALGORITHMS if algorithm == "both" else (algorithm,)
    with clear_errors():
        settings = configuration(config)
        if not set(wanted) <= set(ALGORITHMS):
            fail(f"{algorithm}: rsa, ed25519 or both")
        if selector and len(wanted) > 1:
            fail("--selector: two keys need two; name one --algorithm")
        whose = domain or settings.domains[0].removeprefix("*.")
        begins = _first_day(settings, active_from)
        for one in wanted:
            name = selector or f"v{datetime.now():%Y%m%d}{one[0]}"
            _make(settings, whose, name, one, begins)
        by = f"avant le {_day(settings, begins)}"
        if begins <= time.time():
            by = "sans attendre : elle signe dès maintenant"
        out.print(f"À publier {by}, puis : vaguemestre dkim check")


@app.command("list")
def list_(config: ConfigOption = None, json: JsonOption = False) -> None:
    """Each key: since when it signs, and until when its record must stay."""
    with clear_errors():
        settings = configuration(config)
        known = standing(dkim_keys.read(_folder(settings)), time.time())
        if not known and not json:
            out.print("Aucune clé ; pour en faire : vaguemestre dkim new")
        for one in known:
            made = one.made
            if json:
                print_json(
                    {
                        "domain": made.domain,
                        "selector": made.selector,
                        "algorithm": made.algorithm,
                        "active_from": made.active_from,
                        "signs": one.signs,
                        "retired": bool(made.retired),
                    }
                )
            else:
                out.print(f"{made.name}  {made.algorithm}  {_said(settings, one)}", markup=False)


@app.command("check")
def check(config: ConfigOption = None) -> None:
    """Whether each key's record stands in DNS, and another program verifies by it what we sign."""
    with clear_errors():
        settings = configuration(config)
        kept = [one for one in dkim_keys.read(_folder(settings)) if not one.retired]
        if not kept:
            fail("no key as yet; `dkim new` makes one", STOPPED)
        lookup = _lookup(settings)
        told = {one.name: _published(one, lookup) for one in kept}
        for name, said in told.items():
            out.print(f"{name} : {said or 'publiée'}", markup=False)
        if any(told.values()):
            raise typer.Exit(STOPPED)


@app.command("retire")
def retire(
    selector: Annotated[str, typer.Argument(help="As `dkim list` shows it.")],
    config: ConfigOption = None,
    domain: DomainOption = None,
    now: Annotated[
        bool, typer.Option("--now", help="Though mail may be on its way that it signed.")
    ] = False,
) -> None:
    """Forget the private half of a key that another has replaced; its record may then go."""
    with clear_errors():
        settings = configuration(config)
        whose = domain or settings.domains[0].removeprefix("*.")
        known = standing(dkim_keys.read(_folder(settings)), time.time())
        found = [one for one in known if (one.made.selector, one.made.domain) == (selector, whose)]
        if not found or found[0].made.retired:
            fail("no such key; `dkim list` shows them")
        [one] = found
        if one.signs:
            fail("this key signs; `dkim new` makes the one to follow", STOPPED)
        if time.time() < one.until and not now:
            fail(
                f"mail it signed may be on its way; wait until {_day(settings, one.until)}", STOPPED
            )
        gone = replace(one.made, private="", retired=time.time())
        dkim_keys.write(_folder(settings), gone, group=_group(settings), new=False)
        out.print(f"Clé retirée. L'enregistrement {gone.name} peut quitter le DNS.", markup=False)


def standing(made: Sequence[Made], now: float) -> list[Standing]:
    """Each with what it does today. One that was replaced stays in DNS a while after that."""
    found = []
    for one in made:
        later = [
            other.active_from
            for other in made
            if (other.domain, other.algorithm) == (one.domain, one.algorithm)
            and one.active_from < other.active_from <= now
            and not other.retired
        ]
        signs = not one.retired and one.active_from <= now and not later
        until = min(later) + timedelta(days=LINGER_DAYS).total_seconds() if later else 0.0
        found.append(Standing(one, signs, until))
    return found


def _make(settings: Config, domain: str, selector: str, algorithm: str, begins: float) -> None:
    made = dkim_keys.generate(domain, selector.lower(), algorithm, begins)
    load(DkimKey(made.domain, made.selector, made.private.encode()))  # names fit for DNS and a file
    try:
        dkim_keys.write(_folder(settings), made, group=_group(settings))
    except FileExistsError:
        fail(f"{made.selector}: this selector has served already; give another by --selector")
    except OSError as error:
        fail(f"{error.filename or _folder(settings)}: {error.strerror}")
    out.print(dkim_keys.zone_line(made), markup=False)


def _published(made: Made, lookup: Lookup) -> str:
    """What is wrong with the record; "" if nothing is."""
    try:
        record = lookup(made.name.encode("idna"))
    except (Unanswered, UnicodeError):
        return "le DNS ne répond pas"
    if record is None:
        return "absente du DNS"
    if made.public.encode() not in b"".join(record.split()):
        return "une autre clé est publiée"
    if made.algorithm != "rsa":  # dkimpy verifies no Ed25519 without a library more
        return ""
    signer = Signer([DkimKey(made.domain, made.selector, made.private.encode())])
    whose = made.domain.encode("idna")
    signed = signer.sign(PROBE % (whose, whose), made.domain)
    right = dkim.verify(signed, dnsfunc=lambda name, timeout=5: record)
    return "" if right else "publiée, mais nul ne peut vérifier avec cet enregistrement"


def _lookup(settings: Config) -> Lookup:
    """The configured resolvers, else the machine's own."""
    addresses = [resolver_address(one) for one in settings.arc.resolvers]
    if not addresses:
        try:
            addresses = [(str(one), DNS_PORT) for one in dns.resolver.Resolver().nameservers]
        except dns.exception.DNSException:
            fail("no resolver on this machine; name one: arc.resolvers", STOPPED)
    return Resolver(addresses, CHECK_SECONDS).for_one_mail()


def _folder(settings: Config) -> Path:
    return Path(settings.keys) / dkim_keys.FOLDER


def _first_day(settings: Config, asked: datetime | None) -> float:
    """Midnight, where the officers live; now, for a day that has begun: until now another key
    signed, whose record must stay for as long as that mail is on its way."""
    zone = parts.timezone(settings)
    day = asked or datetime.now(zone) + timedelta(days=PUBLISH_DAYS)
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=zone)
    return max(midnight.timestamp(), time.time())


def _group(settings: Config) -> int | None:
    """Of those that sign, where they are not who runs this."""
    if os.getuid() != 0 or not settings.users.door:
        return None
    try:
        return pwd.getpwnam(settings.users.door).pw_gid
    except KeyError:
        raise Misconfigured(f"users: there is no system user {settings.users.door}") from None


def _said(settings: Config, one: Standing) -> str:
    if one.made.retired:
        return "retirée"
    if one.signs:
        return "signe"
    if one.until:
        return f"remplacée ; enregistrement à garder jusqu'au {_day(settings, one.until)}"
    return f"signera à partir du {_day(settings, one.made.active_from)}"


def _day(settings: Config, seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, parts.timezone(settings)):%d/%m/%Y}"
