"""Whether a certificate leads to an authority that the operator trusts (RFC 5280, 6).

Paths are built and checked by `cryptography.x509.verification`: signatures, validity, basic
constraints, key usage of authorities, constraints on names; keys and signatures as the web asks for
(no SHA-1). Authorities whose extended usage is limited must be for mail: the library's own check is
the web's, and public authorities of mail are for mail alone. It bounds its search among authorities
that sign each other. What the end certificate may do is for `certificate_use`. Whatever stands in
the folder is trusted: an intermediate authority, or a single certificate, as well as a root.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from gateway.act.certificate_folder import SUFFIXES, read
from gateway.act.certificate_use import DAMAGED, MAIL_USES, extension
from gateway.act.folder import Folder

_EVERYBODY = ""  # in the place of an address: an anchor is for all
MAX_DEPTH = 6  # authorities between; public mail certificates have one or two


class Anchors:
    """Of a folder of PEM files, read again when it or one of them changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = Folder(
            folder, SUFFIXES, lambda path: ((_EVERYBODY, one) for one in read(path))
        )

    def path(
        self, certificate: x509.Certificate, between: Sequence[x509.Certificate], now: datetime
    ) -> tuple[x509.Certificate, ...]:
        """From the certificate up to its anchor; () where there is none."""
        anchors = self._folder.of(_EVERYBODY)
        if not anchors:
            return ()
        if certificate in anchors:
            return (certificate,)
        policy = PolicyBuilder().store(Store(anchors)).time(now)
        policy = policy.max_chain_depth(MAX_DEPTH).extension_policies(
            ee_policy=ExtensionPolicy.permit_all(), ca_policy=_AUTHORITIES
        )
        try:
            found = policy.build_client_verifier().verify(certificate, list(between))
            return () if _escapes(found.chain) else tuple(found.chain)
        except (VerificationError, *DAMAGED):
            return ()


def _demand_mail(
    policy: Policy, authority: x509.Certificate, uses: x509.ExtendedKeyUsage | None
) -> None:
    if uses is not None and not MAIL_USES & set(uses):
        raise ValueError("not an authority of mail")


_AUTHORITIES = ExtensionPolicy.webpki_defaults_ca().may_be_present(
    x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _demand_mail
)


def _escapes(path: Sequence[x509.Certificate]) -> bool:
    """Whether its address stands in the subject alone, where the library does not compare it with
    what an authority may issue for (RFC 5280, 4.2.1.10)."""
    certificate, *above = path
    return extension(certificate, x509.SubjectAlternativeName) is None and any(
        extension(one, x509.NameConstraints) for one in above
    )
