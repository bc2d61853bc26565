"""What a text is, as mathematics: delimited LaTeX, a bare number, a bare expression, or prose around them."""

import re

DELIMITED = re.compile(r"(?<!\\)\$|\\\(|\\\[|\\boxed")
CURRENCY = r"[$€£¥₹]?"
SIGN = "[-+\u2212]?"
UNIT = r"(?:\s*%|\s?[$€£¥₹]|\s+[^\W\d_]{2,12}[²³]?)?"
BARE_NUMBER = re.compile(rf"\s*{SIGN}{CURRENCY}{SIGN}[\d.,/ ]*\d[\d.,/ ]*{UNIT}\.?\s*")
COMMAND = re.compile(r"\\[A-Za-z]+")
WORDS = re.compile(r"[^\W\d_]{4,}|[^\W\d_]{2,}\s+[^\W\d_]{2,}")
NAMED = re.compile(r"\\(?:text|mathrm|mbox|begin|end|operatorname)\{[^}]*\}")
LONGEST_BARE = 300


def names_mathematics(text: str) -> bool:
    """Whether the text says by itself where its mathematics stands: `$...$`, `\\(...\\)`, `\\boxed{...}`."""
    return DELIMITED.search(text) is not None


def is_bare_number(text: str) -> bool:
    """`1,000.5`, `-10/9`, `$12`, `28 pct`: a number, perhaps with a currency or a unit, and nothing else."""
    return len(text) <= LONGEST_BARE and BARE_NUMBER.fullmatch(text) is not None


def is_prose(text: str) -> bool:
    """Sentences with mathematics in them, rather than mathematics alone."""
    if len(text) > LONGEST_BARE or "\n" in text.strip():
        return True
    return WORDS.search(COMMAND.sub(" ", NAMED.sub(" ", text))) is not None
