"""What a style sheet hides: enough of CSS to tell that a tag's content is not seen.

What is hidden is read nevertheless, since it can be revealed. But digits that nobody sees, put
among those of a number, would hide the number from us and from no reader; so it is read without
them as well. Hiding too much does no harm for that reason; all of CSS is not attempted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_STYLE = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|mso-hide:|font-size:(?:0|[01](?:\.\d+)?(?:px|pt))(?![\d.])"
    r"|font:0|opacity:0(?!\.?0*[1-9])|(?:height|width):0(?![\d.])|(?:left|top|right|indent|margin):-\d{3}"
    r"|(?<![-a-z])color:(?:#fff\b|#ffffff|white|transparent|rgb\(255,255,255\)|rgba\([\d.,]*,0\))"
    r"|scale\(0|clip:rect\(0|clip-path:inset\(50%|clip-path:inset\(100%"
)
_ATTRIBUTES = re.compile(
    r"\s(?:hidden(?=[\s=/]|\Z)|aria-hidden=[\"']?true|color=[\"']?(?:white|#fff)|size=[\"']?0)"
)
_NEVER_SEEN = frozenset(("template", "title", "datalist"))
_NAMES = re.compile(r"""\b(class|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""")
_LAST = re.compile(r"(?:^|[\s>+~])([^\s>+~]+)\s*\Z")
_PIECE = re.compile(r"[.#]?[a-z0-9_-]+")
_MAX = 1000  # selectors that are kept
_LONG = 2000  # characters of a tag or a selector; longer ones hide nothing


@dataclass(slots=True)
class Sheet:
    """Selectors of what the page's own style sheets hide: ".a", "#b", "u"."""

    selectors: set[str] = field(default_factory=set)

    def add(self, css: str) -> None:
        for rule in css.lower().split("}"):
            before, brace, body = rule.rpartition("{")
            if brace and _STYLE.search("".join(body.split())):
                for selector in before.rpartition("{")[2].split(","):
                    last = _LAST.search(selector[-_LONG:])
                    if last and len(self.selectors) < _MAX and "::" not in last[1]:
                        self.selectors.update(_PIECE.findall(last[1].partition(":")[0])[-1:])

    def hides(self, name: str, inside: str) -> bool:
        """Whether what follows this tag is not seen. name: in lower case."""
        if name in _NEVER_SEEN or name in self.selectors:
            return True
        if ("=" not in inside and "hidden" not in inside) or len(inside) > _LONG:
            return False
        low = inside.lower()
        if _STYLE.search("".join(low.split())) or _ATTRIBUTES.search(low):
            return True
        return bool(self.selectors) and any(
            f"{'.' if kind == 'class' else '#'}{word}" in self.selectors
            for kind, *values in _NAMES.findall(low)
            for word in "".join(values).split()
        )
