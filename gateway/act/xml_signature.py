"""Whether an XML document is signed by who is meant: the one profile of XML-DSig that the white
list of MSSanté has, and no other.

    document ─ without its signature, exclusive C14N ─▶ SHA-256 ─▶ SignedInfo
    SignedInfo ─ exclusive C14N ─▶ RSA PKCS#1 v1.5, SHA-256 ─▶ a certificate of this name, by an
                                                              authority that the operator trusts

The signature is the root's own child and of the whole document (URI="", enveloped), so nothing can
be wrapped around or beside what it covers; whoever asks goes on with the very tree that was
checked. Canonical XML is written by libxml2. Whether the certificate was revoked is not asked.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import (
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)
from lxml import etree

from gateway.act.certificate_use import DAMAGED

_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_LEAST_BITS = 2048  # of a key
_MOST_CERTIFICATES = 5


@dataclass(frozen=True, slots=True)
class Signer:
    """name: of the certificate, as a DNS name of it or its common name. authorities: roots, or
    those between."""

    name: str
    authorities: tuple[x509.Certificate, ...]

    def signed(self, root: etree._Element, now: datetime) -> bool:
        """Whether all of this document is his. Never raises for what is in it."""
        found = list(root.iter(f"{{{_DSIG}}}Signature"))
        if len(found) != 1 or found[0].getparent() is not root:
            return False
        try:
            certificate, *between = _certificates(found[0])
            return (
                _is_of_all(found[0], root)
                and _holds(found[0], certificate)
                and self._is_he(certificate, between, now)
            )
        except (IndexError, TypeError, *DAMAGED):
            return False

    def _is_he(
        self, certificate: x509.Certificate, between: Sequence[x509.Certificate], now: datetime
    ) -> bool:
        if self.name.lower() not in _names(certificate):
            return False
        policy = PolicyBuilder().store(Store(list(self.authorities))).time(now)
        policy = policy.extension_policies(
            ee_policy=ExtensionPolicy.permit_all(), ca_policy=ExtensionPolicy.webpki_defaults_ca()
        )
        try:
            policy.build_client_verifier().verify(certificate, list(between))
        except VerificationError:
            return False
        return True


def _is_of_all(signature: etree._Element, root: etree._Element) -> bool:
    """Whether it says how in the words of this profile, and its digest is that of the rest."""
    said = _only(signature, "SignedInfo")
    method, how, reference = list(said)
    transforms, digest_method, digest = list(reference)
    profile: tuple[tuple[etree._Element, dict[str, str], list[str]], ...] = (
        (said, {}, ["CanonicalizationMethod", "SignatureMethod", "Reference"]),
        (method, {"Algorithm": _C14N}, []),
        (how, {"Algorithm": _RSA_SHA256}, []),
        (reference, {"URI": ""}, ["Transforms", "DigestMethod", "DigestValue"]),
        (transforms, {}, ["Transform", "Transform"]),
        (transforms[0], {"Algorithm": f"{_DSIG}enveloped-signature"}, []),
        (transforms[1], {"Algorithm": _C14N}, []),
        (digest_method, {"Algorithm": _SHA256}, []),
    )
    if not all(_is(*one) for one in profile):
        return False
    return hmac.compare_digest(_digest_without_signature(root), _octets(digest))


def _is(element: etree._Element, attributes: dict[str, str], children: list[str]) -> bool:
    tags = [f"{{{_DSIG}}}{name}" for name in children]
    had = {str(name): str(value) for name, value in element.attrib.items()}
    return had == attributes and [one.tag for one in element] == tags


def _digest_without_signature(root: etree._Element) -> bytes:
    rest = deepcopy(root.getroottree())
    signature = _only(rest.getroot(), "Signature")
    after, before = signature.tail or "", signature.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + after
    else:
        rest.getroot().text = (rest.getroot().text or "") + after
    rest.getroot().remove(signature)
    return hashlib.sha256(_canonical(rest)).digest()


def _holds(signature: etree._Element, certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_BITS:
        return False
    value = _octets(_only(signature, "SignatureValue"))
    try:
        key.verify(value, _canonical(_only(signature, "SignedInfo")), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _canonical(what: etree._Element | etree._ElementTree) -> bytes:
    return etree.tostring(what, method="c14n", exclusive=True, with_comments=False)


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    """The signer's, and those above it."""
    path = "/".join(f"{{{_DSIG}}}{name}" for name in ("KeyInfo", "X509Data", "X509Certificate"))
    several = signature.findall(path)[:_MOST_CERTIFICATES]
    return [x509.load_der_x509_certificate(_octets(one)) for one in several]


def _names(certificate: x509.Certificate) -> frozenset[str]:
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    names = [str(one.value) for one in common]
    try:
        more = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names += more.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        pass
    return frozenset(map(str.lower, names))


def _only(element: etree._Element, name: str) -> etree._Element:
    (found,) = element.findall(f"{{{_DSIG}}}{name}")
    return found


def _octets(element: etree._Element) -> bytes:
    return binascii.a2b_base64("".join((element.text or "").split()), strict_mode=True)
