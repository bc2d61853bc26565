"""Normal forms of text: how far two answers may differ and still be the same answer."""

import re
import string
import unicodedata
from typing import Literal

from core.plugins import SettingsPart
from evaluators.lookalikes import PUNCTUATION

SPACES = re.compile(r"\s+")
EDGES = string.punctuation + PUNCTUATION
ARTICLES = re.compile(r"\b(a|an|the)\b", re.IGNORECASE)

Trim = Literal["spaces", "period", "punctuation"]


class Normalization(SettingsPart):
    """What is ignored when an answer is compared with the expected one."""

    ignore_case: bool = True
    """Upper and lower case are the same."""
    trim: Trim = "punctuation"
    """What is taken off both ends besides spaces: nothing, one final period, or all punctuation and quotes."""
    collapse_spaces: bool = True
    """Read any run of white space, line ends included, as one space."""
    ignore_articles: bool = False
    """Leave out `a`, `an` and `the`."""

    def of(self, text: str) -> str:
        """The normal form; an answer of nothing but punctuation keeps it."""
        text = unicodedata.normalize("NFC", text) if not text.isascii() else text
        text = trimmed(text, self.trim)
        if self.ignore_articles:
            text = ARTICLES.sub(" ", text)
        if self.collapse_spaces:
            text = SPACES.sub(" ", text).strip()
        return text.casefold() if self.ignore_case else text


def trimmed(text: str, trim: Trim) -> str:
    text = text.strip()
    if trim == "period":
        return text.removesuffix(".").rstrip()
    if trim == "punctuation":
        return text.strip(EDGES + string.whitespace) or text
    return text
