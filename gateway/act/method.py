"""What a method of encryption is. One file, one method: a module of this package with `METHOD`.

Found by scan, so adding a method is adding its file; which are used, and in what order, is the
`chain` given to `gateway.act.encrypt.Channels`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.x509 import Certificate

import gateway.act
from gateway.act.outside import Outside
from gateway.model import Mail


class Certificates(Protocol):
    def find(self, address: str) -> Certificate | None:
        """One that is valid now and may encrypt mail for this address."""


@dataclass(frozen=True, slots=True)
class Means:
    """What methods may look up; the same for all.

    pdf:  encrypted PDF is allowed.
    ours: whether an address is in one of our domains.
    organisation: as recipients know it, "Le Centre hospitalier d'Exemple"; "" leaves it out.
    """

    certificates: Certificates
    pdf: bool
    ours: Callable[[str], bool]
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One mail ready to go. secret: what the sender must tell these recipients, or "". sender: of
    the envelope where it is not the original's."""

    recipients: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)
    secret: str = field(default="", repr=False)
    route: str = "sealed"
    sender: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Method:
    """fits: a pure look-up for one recipient. seal: runs in a thread; never in clear."""

    name: str
    fits: Callable[[Means, Mail, str], bool]
    seal: Callable[[Means, Mail, Outside, Sequence[str]], Sequence[Sealed]]


def every() -> dict[str, Method]:
    """All methods of this package, by name."""
    found: dict[str, Method] = {}
    for module in pkgutil.iter_modules(gateway.act.__path__, "gateway.act."):
        method = getattr(importlib.import_module(module.name), "METHOD", None)
        if isinstance(method, Method):
            found[method.name] = method
    return found
