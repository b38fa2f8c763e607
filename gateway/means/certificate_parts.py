"""The book of certificates that `certificates` and `smime` of the configuration stand for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.act import smime_signature
from gateway.act.certificate_path import Anchors
from gateway.act.certificates import Directory, Preferences, Trust
from gateway.act.revocation import Revocations
from gateway.config import Config
from gateway.config_smime import SmimeSign
from gateway.errors import Misconfigured, Temporary
from gateway.means.found_certificates import Found
from gateway.store.keys import load_hmac


def directory(config: Config) -> Directory:
    """Every certificate that may be used."""
    told, trust = config.smime, None
    if told.anchors is not None:
        revocations = Revocations(revocations_in(config), told.crls)
        trust = Trust(Anchors(told.anchors), revocations, told.revocation)
    return Directory(
        config.certificates,
        trust=trust,
        found=found(config),
        preferences=Preferences(frozenset(told.oaep), frozenset(told.gcm)),
        signer=_signer(told.sign) if told.sign else None,
    )


def demand_signature(config: Config) -> None:
    """Misconfigured for a process that should sign and may not."""
    told = config.smime.sign
    if told and _signer(told) is _refused:
        raise Misconfigured(f"{told.key}: this process may not read it")


def _signer(told: SmimeSign) -> Callable[[bytes], bytes]:
    """Commands that seal nothing are run by people who may not read the key."""
    try:
        return smime_signature.load(told.certificate, told.key)
    except PermissionError:
        return _refused


def _refused(inside: bytes) -> bytes:
    raise Temporary("the key that signs cannot be read")


def found(config: Config) -> Found | None:
    """None without anchors, and where `hmac.key` cannot be read: a command run by somebody else
    sees the operator's folder alone."""
    if config.smime.anchors is None:
        return None
    try:
        return Found(Path(config.data) / "found-certificates", load_hmac(config.keys))
    except Misconfigured:
        return None


def revocations_in(config: Config) -> Path:
    return Path(config.data) / "revocations"
