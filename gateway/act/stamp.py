"""What is put in front of a mail that we wrote or changed: DKIM signatures, and where the operator
names a resolver, an ARC set that says what the original was worth when we took it.

A mail that passes as it came never comes here. Blocking: bodies are hashed, and DNS is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.act import arc, header, outside
from gateway.act.arc import Chain
from gateway.act.resolve import Resolver
from gateway.act.sign import Loaded, Signer, signed_names
from gateway.act.signature import RSA
from gateway.act.verify import Content, Result, dkim_results
from gateway.model import Mail

_NO_CHAIN = Chain(b"none")


@dataclass(frozen=True, slots=True)
class Sealer:
    """domain: whose key seals. authority: what we call ourselves (RFC 8601, 2.5)."""

    resolver: Resolver
    domain: str
    authority: str
    clock: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Stamp:
    """sealer: None: no ARC, and DNS is not asked."""

    signer: Signer
    sealer: Sealer | None = None

    def on_written(self, message: bytes, domain: str, original: bytes) -> bytes:
        """A message that we wrote in the place of another, signed and sealed. The chain of the
        original ends inside; what was found of it is said. Raises Temporary."""
        return self._fields(message, domain, original, anew=True) + message

    def on_changed(self, added: bytes, mail: Mail) -> bytes:
        """`added` with all that must stand before it; nothing at all, so that the mail goes as it
        came, where programs may disagree on its header or author and no signature would hold."""
        if not self.signer.has_keys and self.sealer is None:
            return added
        read = header.read(header.split(mail.content)[0])
        authors = [name for name, _ in read.fields if name == b"from"]
        shown = outside.of(mail) if len(authors) == 1 and signed_names(read) else None
        if shown is None:
            return b""
        changed = added + mail.content
        return self._fields(changed, shown.domain, mail.content, anew=False) + added

    def _fields(self, changed: bytes, domain: str, original: bytes, *, anew: bool) -> bytes:
        signatures = self.signer.signatures(changed, domain)
        key = self._sealing_key()
        head, body = header.split(original)
        read = header.read(head)
        if self.sealer is None or key is None or read.odd:
            return signatures
        mail, lookup = Content(read.fields, body, {}), self.sealer.resolver.for_one_mail()
        chain = arc.chain_of(mail, lookup)
        results = dkim_results(mail, lookup)
        if anew:
            results = [_outside(one, domain) for one in results]
        found = arc.results_field(self.sealer.authority, results, chain)
        now = int(self.sealer.clock())
        whole = signatures + changed  # the seal covers our own signatures, too
        return arc.seal(whole, _NO_CHAIN if anew else chain, found, key, now) + signatures

    def _sealing_key(self) -> Loaded | None:
        """RFC 8617 knows RSA alone."""
        if self.sealer is None:
            return None
        known = self.signer.in_force(self.sealer.domain)
        return next((key for key in known if key.algorithm == RSA), None)


def _outside(one: Result, domain: str) -> Result:
    """What may stand on a mail whose header is inside: names that the DNS of its author's domain
    bears. Any other is what a sender wrote, and may be a number of somebody's."""
    said = one.result == b"pass" and one.domain == domain.lower().encode()
    return one if said else Result(one.result)
