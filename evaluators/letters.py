"""Option letters: which choice a reply names, by rules tried in order.

`answer_is`, `answer_colon` and `last_letter` are the three steps of MMLU-Pro's own scripts (TIGER-AI-Lab/MMLU-Pro,
evaluate_from_api.py): the first "answer is (X)"; else, on the first line that has one, the last "Answer: X"; else the
last letter that stands alone. The others read what chat models write.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from evaluators.lookalikes import APOSTROPHE
from evaluators.normalization import Normalization

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Rule = Literal[
    "boxed",
    "answer_is",
    "answer_colon",
    "stated",
    "alone",
    "leading",
    "option_text",
    "bracketed",
    "option_mentioned",
    "last_letter",
]

EVERYDAY: tuple[Rule, ...] = (
    "boxed", "stated", "alone", "leading", "option_text", "bracketed", "option_mentioned", "last_letter",
)  # fmt: skip
"""For replies nobody trained into a format: what is announced, then what stands alone, then what is mentioned."""

SAME = Normalization()


class Options(NamedTuple):
    """The letters that can be named and, where they are known, the texts they stand for."""

    letters: str
    texts: tuple[str, ...] = ()


def named_letter(reply: str, options: Options, rules: Sequence[Rule]) -> str | None:
    """The letter that the first successful rule finds, in upper case; None when no rule finds one."""
    for rule in rules:
        if letter := RULES[rule](reply, options):
            return letter.upper()
    return None


@lru_cache(maxsize=256)
def _compiled(template: str, letters: str) -> re.Pattern[str]:
    return re.compile(template.replace("LETTER", f"[{letters}{letters.lower()}]").replace("CAPITAL", f"[{letters}]"))


def _group(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)


def _first(template: str, reply: str, options: Options) -> str | None:
    found = _compiled(template, options.letters).search(reply)
    return _group(found) if found else None


def _last(template: str, reply: str, options: Options) -> str | None:
    found = list(_compiled(template, options.letters).finditer(reply))
    return _group(found[-1]) if found else None


def _answer_is(reply: str, options: Options) -> str | None:
    return _first(r"answer is \(?(CAPITAL)", reply, options)


def _answer_colon(reply: str, options: Options) -> str | None:
    found = list(_compiled(r"[aA]nswer:\s*(CAPITAL)", options.letters).finditer(reply))
    if not found:
        return None
    line_ends = reply.find("\n", found[0].start())
    return [each[1] for each in found if line_ends < 0 or each.start() < line_ends][-1]


STATED = (
    r"(?i:\banswer\b|\bchoice\b|\boption\b)[*_]{0,4}\s{0,9}"
    r"(?i:(?:is|would be|should be|must be|:|=)[*_:]{0,4}\s{0,9}){1,3}"
    r"(?i:(?:the\s{1,9})?(?:option|choice|letter)\s{0,9})?[*_`$\"']{0,9}(?:\\boxed\{)?(?:\\text\{)?"
    rf"(?:[(\[](LETTER)[)\]]|(CAPITAL)(?![\w'{APOSTROPHE}])|"
    r"(LETTER)(?=[*_`$\"'})\].:,;]|\s*(?:\n|$)))"
)


LONGEST_ALONE = 60
DECORATION = " \t*_`$\"'()[]{}.:,"
ALONE = r"\A(?i:(?:option|choice|answer)\b[\s:*_(]*)?(LETTER)\Z"


def _stated(reply: str, options: Options) -> str | None:
    return _last(STATED, reply, options)


def _boxed(reply: str, options: Options) -> str | None:
    return _last(r"\\boxed\{\s*(?:\\(?:text|mathrm|textbf)\{)?\s*\(?(LETTER)(?!\w)", reply, options)


def _alone(reply: str, options: Options) -> str | None:
    """The reply, or its last line, is a letter and nothing else."""
    reply = reply.strip()
    for text in (reply, reply.rpartition("\n")[2]):
        if len(text) <= LONGEST_ALONE and (letter := _first(ALONE, text.strip(DECORATION), options)):
            return letter
    return None


def _leading(reply: str, options: Options) -> str | None:
    """The reply begins like an option of a list: `B) ...`, `(B) ...`, `B. ...`, `**B**: ...`."""
    return _first(r"\A[\s*_`\"']*(?:\((LETTER)\)|(CAPITAL)[*_]*[).:](?!\w))", reply, options)


def _bracketed(reply: str, options: Options) -> str | None:
    return _last(r"\((CAPITAL)\)", reply, options)


def _last_letter(reply: str, options: Options) -> str | None:
    return _last(r"\b(CAPITAL)\b", reply, options)


def _option_text(reply: str, options: Options) -> str | None:
    """The reply, its last line, or what follows its last "answer is", is the text of one option."""
    last_line = reply.strip().rpartition("\n")[2]
    announced = re.split(r"(?i)\banswer(?:\s+is|:)", reply)[-1]
    spans = {SAME.of(span) for span in (reply, last_line, announced.strip().partition("\n")[0])}
    return _only(options, [SAME.of(text) in spans for text in options.texts])


def _option_mentioned(reply: str, options: Options) -> str | None:
    """Exactly one option's text occurs in the reply."""
    said = SAME.of(reply)
    texts = [SAME.of(text) for text in options.texts]
    return _only(options, [re.search(rf"(?<!\w){re.escape(text)}(?!\w)", said) is not None for text in texts])


def _only(options: Options, hits: Sequence[bool]) -> str | None:
    at = [letter for letter, hit in zip(options.letters, hits, strict=False) if hit]
    return at[0] if len(at) == 1 else None


RULES: dict[Rule, Callable[[str, Options], str | None]] = {
    "boxed": _boxed,
    "answer_is": _answer_is,
    "answer_colon": _answer_colon,
    "stated": _stated,
    "alone": _alone,
    "leading": _leading,
    "option_text": _option_text,
    "bracketed": _bracketed,
    "option_mentioned": _option_mentioned,
    "last_letter": _last_letter,
}
