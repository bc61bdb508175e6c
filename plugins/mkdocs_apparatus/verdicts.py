"""Verdicts, told apart by shape and word besides colour, and the claims that a page treats."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType

from .markup import Html, fill, fragment, join
from .model import Claim
from .words import Words

VERDICTS = MappingProxyType(
    {"supported": "●", "nuanced": "◐", "imprecise": "◇", "wrong": "✕", "unverifiable": "?"}
)


def write_verdict(verdict: str, words: Words) -> Html:
    """Return a verdict as its shape and its word; none has a word too."""
    return fill(
        '<span class="ap-verdict-{name}"><span aria-hidden="true">{shape}</span> {word}</span>',
        name=verdict or "none",
        shape=VERDICTS.get(verdict, "–"),
        word=getattr(words, verdict or "no_verdict"),
    )


def write_claims(claims: Iterable[Claim], words: Words, link: Callable[[str], str]) -> Html:
    """Return the list of the claims that a page treats, each leading to its annotation."""
    items = [
        fill(
            '<li>{verdict}: <a href="{href}">{claim}</a></li>\n',
            verdict=write_verdict(claim.verdict, words),
            href=link("claims.md") + fragment(f"claim-{claim.slug}"),
            claim=claim.claim,
        )
        for claim in claims
    ]
    if not items:
        return Html()
    return fill(
        '<section class="ap-claims" aria-labelledby="ap-claims">\n'
        '<h2 id="ap-claims">{title}</h2>\n<ul>\n{items}</ul>\n</section>\n',
        title=words.claims_here,
        items=join(items),
    )
