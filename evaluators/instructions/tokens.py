"""Words and signs of an English text, apart as the Penn Treebank has them: `CAN'T, (OK)` is CA, N'T, `,`, `(`, OK, `)`.

Only as far as counting words of capital letters needs it: a final period stays with its word.
"""

import re

APART = re.compile(r"""\.{2,}|--|''|[\[\](){}<>;@#$%&?!*"\u00ab\u00bb\u2018\u2019\u201c\u201d\u201e]|`+|[,:](?!\d)""")
"""Signs that are tokens of their own; a comma or colon is part of a number."""
QUOTE_BEFORE = re.compile(r"'(?!re|ve|ll|m|t|s|d|n)(?=\w\b)", re.IGNORECASE)
"""A quote that opens before a single letter."""
CLITIC = re.compile(r"(?<=[^' ])('ll|'re|'ve|n't|'s|'m|'d|')$", re.IGNORECASE)
MERGED = re.compile(
    r"\b(?:(can)(not)|(d)('ye)|(gim)(me)|(gon)(na)|(got)(ta)|(lem)(me)|(more)('n)|(wan)(na))\b|^('t)(is|was)\b",
    re.IGNORECASE,
)
"""What everyday speech has merged."""


def tokens(text: str) -> list[str]:
    """In order; empty for a blank text."""
    spaced = APART.sub(lambda sign: f" {sign[0]} ", text)
    return [token for word in spaced.split() for token in _divided(word)]


def _divided(word: str) -> list[str]:
    word = QUOTE_BEFORE.sub("' ", word)
    word = CLITIC.sub(r" \1", word)
    word = MERGED.sub(lambda merged: " ".join(filter(None, merged.groups())), word)
    return word.split()
