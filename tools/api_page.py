"""Write docs/openapi.json, the description of the console's API, from its table of routes.

python -m tools.api_page
"""

from __future__ import annotations

import json
from pathlib import Path

from gateway.console.api import spec

PATH = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def build() -> str:
    return json.dumps(spec.document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(build(), "utf-8")
