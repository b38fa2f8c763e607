"""By which ways an encrypted mail may leave, for each recipient: the most particular word counts.

His address, then his domain, then a domain above it, the nearest first; of the same one
`channels_for` counts before a partner's `channels`. Who has none takes those of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.config import Config
from gateway.decide.places import domain_of


class Chains:
    """written: by address, "@domain" (that alone), "domain" or "*.domain"."""

    def __init__(self, written: Mapping[str, Sequence[str]]) -> None:
        self._written = dict(written)

    def __call__(self, address: str) -> Sequence[str] | None:
        if not self._written:
            return None
        names = _names(address.rpartition("@")[0].lower(), domain_of(address))
        return next((self._written[name] for name in names if name in self._written), None)


def chains(config: Config) -> Chains:
    partners = {
        domain: one.channels
        for one in config.partners.values()
        if one.channels is not None
        for domain in one.domains
    }
    return Chains({**partners, **config.channels_for})


def _names(local: str, domain: str) -> Iterator[str]:
    yield f"{local}@{domain}"
    yield f"@{domain}"
    yield domain
    while domain:
        domain = domain.partition(".")[2]
        yield f"*.{domain}"
