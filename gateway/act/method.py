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

from pysequoia import Cert, PySigner

import gateway.act
from gateway.act.cms_recipient import Reader
from gateway.act.outside import Outside
from gateway.errors import Temporary
from gateway.model import Mail
from gateway.parcel import Chosen, Parcel, Terms


class Certificates(Protocol):
    """signer: makes of what is to be enciphered the same, signed; None: it goes unsigned."""

    signer: Callable[[bytes], bytes] | None

    def find(self, address: str) -> Reader | None:
        """One that is valid now and may encrypt mail for this address."""


class Keys(Protocol):
    def find(self, address: str) -> Cert | None:
        """An OpenPGP key that may be used now for this address, with subkeys in force only."""

    def signer(self) -> PySigner | None:
        """What the gateway signs with inside; None: it does not."""


class Space(Protocol):
    """That of MSSanté (`gateway.decide.space`)."""

    def holds(self, address: str) -> bool: ...

    def own(self, address: str) -> str:
        """Under which address this one writes there; "" for none."""

    def objection(self, mail: Mail, recipient: str) -> str:
        """Why he may not be written to there, as `refusal` knows it; "" where he may."""

    def refusal(self, rule: str) -> str: ...

    def waits(self, recipient: str) -> bool:
        """Whether nobody knows just now whether he may."""


def _nobody_draws(order: str, mail: Mail) -> bytes | None:
    raise Temporary("there is nobody to draw it")


@dataclass(frozen=True, slots=True)
class Means:
    """What methods may look up; the same for all.

    pdf:  encrypted PDF is allowed.
    ours: whether an address is in one of our domains.
    organisation: as recipients know it, "Le Centre hospitalier d'Exemple"; "" leaves it out.
    keys: None: no OpenPGP. zips: who asked for encrypted ZIP. portal: None: there is none.
    space: whose recipients have a way of their own, and no other; None: it is not known.
    draw: behind the wall, "pdf" or "zip" of a mail; None where nothing can be made of it. Blocks,
          and may raise Temporary.
    agreed: the password of a recipient, or "". texts: whether his secrets go to a telephone, too.
    chosen: what he left on the portal. tells: senders may be given a secret to tell; else documents
            go to those alone who have one, or a telephone.
    incidents: where whoever it is not for may say so; "" for nowhere.
    """

    certificates: Certificates
    pdf: bool
    ours: Callable[[str], bool]
    organisation: str = ""
    keys: Keys | None = None
    zips: Callable[[str], bool] = lambda address: False
    portal: Terms | None = None
    space: Space | None = None
    draw: Callable[[str, Mail], bytes | None] = _nobody_draws
    agreed: Callable[[str], str] = lambda address: ""
    texts: Callable[[str], bool] = lambda address: False
    chosen: Callable[[str], Chosen | None] = lambda address: None
    tells: bool = True
    incidents: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One mail ready to go. secret: what the sender must tell these recipients, or "". sender: of
    the envelope where it is not the original's. parcel: what it leads to, kept before it goes.
    channel: the name of its method, once sealed."""

    recipients: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)
    secret: str = field(default="", repr=False)
    route: str = "sealed"
    sender: str = field(default="", repr=False)
    parcel: Parcel | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """fits: a pure look-up for one recipient. seal: runs in a thread; never in clear. lacks: what
    is missing where it does not fit, in French, for operators."""

    name: str
    fits: Callable[[Means, Mail, str], bool]
    seal: Callable[[Means, Mail, Outside, Sequence[str]], Sequence[Sealed]]
    lacks: str = ""


def every() -> dict[str, Method]:
    """All methods of this package, by name."""
    found: dict[str, Method] = {}
    for module in pkgutil.iter_modules(gateway.act.__path__, "gateway.act."):
        method = getattr(importlib.import_module(module.name), "METHOD", None)
        if isinstance(method, Method):
            found[method.name] = method
    return found
