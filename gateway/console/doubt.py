"""What an officer should know of a recipient: whose the address is, and what is doubtful about it,
as far as the address tells. Whether anybody ever wrote to it is known nowhere here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.decide.lookalike import resembled
from gateway.decide.places import Places, domain_of, is_routed
from gateway.language import Words


@dataclass(frozen=True, slots=True)
class Known:
    """whose: in words. doubts: each in words, the gravest first."""

    whose: str
    doubts: tuple[str, ...]


MOST = 100  # recipients of one mail that are looked at: a page has 50 ms
_HIDDEN = "…"  # in place of the local part of an address that is not shown


def of_all(
    sender: str, recipients: Sequence[str], places: Places, day: date, say: Words
) -> tuple[Known, ...]:
    """One for each of the first recipients."""
    return tuple(about(one, sender, places, day, say) for one in recipients[:MOST])


def about(address: str, sender: str, places: Places, day: date, say: Words) -> Known:
    """address: a recipient's; its domain alone counts where it could not be opened."""
    doubts = []
    known = [one for one in _known(places) if not one.startswith("*.")]
    domain, whose = domain_of(address), _whose(address, places, day, say)
    if is_routed(address):
        doubts.append(say("l'adresse peut mener ailleurs que chez ce domaine"))
    if twin := resembled(domain, known):
        doubts.append(say("ressemble à {domain}", domain=twin))
    if over := _over(address, places, day):
        doubts.append(say("le contrat avec {partner} est terminé", partner=over))
    if places.is_webmail(address) and _local(address) == _local(sender) != _HIDDEN:
        doubts.append(say("même nom que l'expéditeur : sa boîte personnelle ?"))
    return Known(whose, tuple(doubts))


def _whose(address: str, places: Places, day: date, say: Words) -> str:
    if places.is_internal(address):
        return say("de la maison")
    if places.is_mssante(address):
        return say("MSSanté")
    for name in places.partners:
        if places.is_partner(address, day, name):
            return say("partenaire {name}", name=name)
    if places.is_webmail(address):
        return say("messagerie grand public")
    return say("extérieur")


def _known(places: Places) -> tuple[str, ...]:
    """Domains that somebody here would mean."""
    theirs = (domain for partner in places.partners.values() for domain in partner.domains)
    return (*places.domains, *theirs)


def _over(address: str, places: Places, day: date) -> str:
    """The partner whose contract has ended, where no other holds for this address."""
    if places.is_partner(address, day):
        return ""
    ended = (name for name in places.partners if places.is_partner(address, date.min, name))
    return next(ended, "")


def _local(address: str) -> str:
    return address.rpartition("@")[0].casefold()
