"""How many sentences a text has: Kiss and Strunk, Unsupervised Multilingual Sentence Boundary Detection,
Computational Linguistics 32 (2006) 485-525, with the English model that the field counts with (NLTK's `punkt`).

A mark that may end a sentence is judged with the word before it and the one after: `!` and `?` always end one, a
period does unless it belongs to an abbreviation, an initial or an ordinal number (their section 4). Section numbers
below are the paper's. Closing quotes and brackets belong to the sentence before them, as in NLTK.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from string import whitespace

from punkt import OrthoContext, PunktParameters, load_model

INSIDE_NO_WORD = r"""[)";}\]*:@'({\[!?]"""
RUN = r"(?:-{2,}|\.{2,}|(?:\.\s){2,}\.)"
"""Dashes and ellipses are one token."""
TOKEN = re.compile(
    rf"""{RUN}|(?=[^("`{{\[:;&#*@)}}\]\-,])\S+?(?=\s|$|{INSIDE_NO_WORD}|{RUN}|,(?=$|\s|{INSIDE_NO_WORD}|{RUN}))|\S"""
)
CANDIDATE = re.compile(rf"[.?!](?=(?P<after>{INSIDE_NO_WORD}|\s+(?P<next>\S+)))")
CLOSING = re.compile(r"""["')\]}]+?(?:\s+|(?=--)|$)""", re.MULTILINE)
NUMBER = re.compile(r"-?[.,]?\d[\d,.-]*\.?$")
INITIAL = re.compile(r"[^\W\d]\.$")
ELLIPSIS = re.compile(r"\.\.+$")
MARKS = frozenset(".?!")
NEVER_FIRST = frozenset(";:,.!?")
"""What no sentence begins with."""


def count_sentences(text: str) -> int:
    """0 for a blank text."""
    count, carried = 0, 0
    spans = list(_spans(text))
    for number, (start, end) in enumerate(spans):
        start += carried
        following = spans[number + 1] if number + 1 < len(spans) else None
        closing = CLOSING.match(text[following[0] : following[1]]) if following else None
        carried = closing.end() if closing else 0
        count += closing is not None or end > start
    return count


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of every stretch between marks that end a sentence."""
    start = 0
    for mark, context in _candidates(text):
        if _ends_sentence(context):
            yield start, mark.end()
            start = mark.start("next") if mark["next"] else mark.end()
    yield start, len(text.rstrip())


def _candidates(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Every mark that may end a sentence, and its context: the word before, the mark, and what follows.

    Of a run of marks, such as `?!`, only the last one may end a sentence; its word is the one before the run.
    """
    before = slice(0, 0)
    last: re.Match[str] | None = None
    for mark in CANDIDATE.finditer(text):
        between = text[before.stop : mark.start()]
        space = max(between.rfind(each) for each in whitespace)
        word = slice(before.stop + space + 1 if space > 0 else before.start, mark.start())
        if last is not None and before.stop <= word.start:
            yield last, text[before] + last[0] + last["after"]
        before, last = word, mark
    if last is not None:
        yield last, text[before] + last[0] + last["after"]


@dataclass
class Token:
    """A word or mark, and what is thought of its period."""

    text: str
    ends: bool = False
    abbreviated: bool = False

    @property
    def kind(self) -> str:
        """In small letters, all numbers alike, without a period that ends a sentence."""
        kind = self.kind_with_period
        return kind[:-1] if self.ends and len(kind) > 1 and kind.endswith(".") else kind

    @property
    def kind_with_period(self) -> str:
        return "##number##" if NUMBER.match(self.text) else self.text.lower()


def _ends_sentence(context: str) -> bool:
    """Whether a token of the context but its last one ends a sentence."""
    tokens = [_judged_alone(token) for line in context.split("\n") for token in TOKEN.findall(line)]
    for token, following in pairwise(tokens):
        _judge(token, following)
        if token.ends:
            return True
    return False


def _judged_alone(text: str) -> Token:
    """By its form (section 3): a mark ends a sentence, a word with a period does unless it is an abbreviation."""
    token = Token(text)
    if text in MARKS:
        token.ends = True
    elif text.endswith(".") and not text.endswith(".."):
        stem = text[:-1].lower()
        known = _model().abbrev_types
        token.abbreviated = stem in known or stem.rpartition("-")[2] in known
        token.ends = not token.abbreviated
    return token


def _judge(token: Token, following: Token) -> None:
    """By the token behind it (section 4)."""
    if not token.text.endswith("."):
        return
    model = _model()
    kind = token.kind_with_period
    kind = kind[:-1] if len(kind) > 1 and kind.endswith(".") else kind
    initial = INITIAL.match(token.text) is not None
    if (kind, following.kind) in model.collocations:
        token.ends = False
        return
    if (token.abbreviated or ELLIPSIS.match(token.text)) and not initial:
        common = following.text[0].isupper() and following.kind in model.sent_starters
        token.ends = _begins_sentence(following, model) is True or common
    elif initial or kind == "##number##":
        begins = _begins_sentence(following, model)
        name = following.text[0].isupper() and not model.ortho(following.kind) & OrthoContext.LC
        if begins is False or (begins is None and initial and name):
            token.ends = False


def _begins_sentence(token: Token, model: PunktParameters) -> bool | None:
    """Whether its first letter is one that only the beginning of a sentence explains (4.1.1); None: cannot tell."""
    if token.text in NEVER_FIRST:
        return False
    seen = model.ortho(token.kind)
    if token.text[0].isupper() and seen & OrthoContext.LC and not seen & OrthoContext.MID_UC:
        return True
    if token.text[0].islower() and (seen & OrthoContext.UC or not seen & OrthoContext.BEG_LC):
        return False
    return None


@cache
def _model() -> PunktParameters:
    return load_model("english")
