"""The score as a badge: a small SVG that needs nothing else."""

from __future__ import annotations

_COLORS = ((9.0, "#2e7d32"), (7.0, "#558b2f"), (5.0, "#b26a00"), (3.0, "#c43e00"), (0.0, "#b71c1c"))


def badge(score: float | None) -> str:
    """The badge for a score, or for none."""
    text = "not scored" if score is None else f"{score:.1f} / 10"
    color = "#616161" if score is None else next(color for low, color in _COLORS if score >= low)
    left, right = 66, 20 + 6 * len(text)
    width = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" '
        f'aria-label="resilience: {text}">'
        f"<title>resilience: {text}</title>"
        f'<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath><g clip-path="url(#r)">'
        f'<rect width="{left}" height="20" fill="#37474f"/><rect x="{left}" width="{right}" height="20" '
        f'fill="{color}"/></g>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2:g}" y="14">resilience</text><text x="{left + right / 2:g}" '
        f'y="14">{text}</text></g></svg>\n'
    )
