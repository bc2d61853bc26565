"""Instructions about how long an answer is: `length_constraints:*`."""

import re

from evaluators.instructions.arguments import Arguments
from evaluators.instructions.sentences import count_sentences

WORD = re.compile(r"\w+")
DIVIDER = re.compile(r"\s?\*\*\*\s?")
"""Paragraphs are asked for with the markdown divider `***` between them."""
ENDS_FIRST_WORD = re.compile(r"""[.,?!'"]""")


def number_words(answer: str, arguments: Arguments) -> bool:
    return arguments.allows(len(WORD.findall(answer)), limit="num_words")


def number_sentences(answer: str, arguments: Arguments) -> bool:
    return arguments.allows(count_sentences(answer), limit="num_sentences")


def number_paragraphs(answer: str, arguments: Arguments) -> bool:
    """Exactly so many paragraphs between dividers. A divider may open or close the answer; two in a row hold an empty
    paragraph, which is none."""
    first, *others = DIVIDER.split(answer)
    if any(not paragraph.strip() for paragraph in others[:-1]):
        return False
    outer = [first, *others[-1:]]
    count = len(others[:-1]) + sum(bool(paragraph.strip()) for paragraph in outer)
    return count == arguments.number("num_paragraphs")


def nth_paragraph_first_word(answer: str, arguments: Arguments) -> bool:
    """Exactly so many paragraphs, divided by blank lines, of which the nth begins with the word."""
    paragraphs = answer.split("\n\n")
    count = sum(bool(paragraph.strip()) for paragraph in paragraphs)
    nth = arguments.number("nth_paragraph")
    # The nth is looked for among all, empty ones included, and only then counted: so did the authors.
    wanted = paragraphs[nth - 1].split() if 1 <= nth <= count else []
    return (
        bool(wanted)
        and count == arguments.number("num_paragraphs")
        and _bare(wanted[0]) == arguments.text("first_word").lower()
    )


def _bare(word: str) -> str:
    """`"Hello,` is `hello`: opening quotes and what follows the first punctuation mark left out."""
    return ENDS_FIRST_WORD.split(word.lstrip("'").lstrip('"'))[0].lower()
