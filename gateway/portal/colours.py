"""Letters that stand out on the organisation's colour (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

WHITE, BLACK = "#ffffff", "#000000"  # of which one always has a contrast of 4.5 and more


def ink_on(colour: str) -> str:
    """colour: "#0b5563"."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
