"""What the gateway is made of, as CycloneDX 1.6 (JSON): each pinned library with its hashes and its
licence. Written from the pins and from nothing else, so that it is the same for the same commit."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tools.release.pinned import Pinned, pinned

_SPACE = uuid.UUID("6f0d9c1e-9a54-5d0e-8f3b-6b6a1c3f8a11")  # ours; the serial is made within it


def sbom(version: str, requirements: Sequence[str], made: float) -> bytes:
    """requirements: what the pinned files say. made: seconds since the epoch."""
    found = {one.name: one for text in requirements for one in pinned(text)}
    parts = [_component(found[name]) for name in sorted(found)]
    core = {
        "type": "application",
        "bom-ref": "vaguemestre",
        "name": "vaguemestre",
        "version": version,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "purl": f"pkg:pypi/vaguemestre@{version}",
    }
    serial = uuid.uuid5(_SPACE, json.dumps([core, parts], sort_keys=True))
    whole = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(made, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": core,
        },
        "components": parts,
        "dependencies": [{"ref": "vaguemestre", "dependsOn": [one["bom-ref"] for one in parts]}],
    }
    return json.dumps(whole, indent=1, sort_keys=True).encode() + b"\n"


def _component(one: Pinned) -> dict[str, Any]:
    """A library comes in one file of several: each hash is named with the file it may be of."""
    purl = f"pkg:pypi/{one.name.lower()}@{one.version}"
    said: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "purl": purl,
        "externalReferences": [
            {
                "type": "distribution",
                "url": purl,
                "hashes": [{"alg": "SHA-256", "content": each}],
            }
            for each in one.hashes
        ],
    }
    if one.licence:
        said["licenses"] = [{"license": {"name": one.licence}}]
    if one.marker:
        said["properties"] = [{"name": "vaguemestre:marker", "value": one.marker}]
    return said
