"""Instructions about words, letters and commas that must or must not occur: `keywords:*` and `punctuation:*`."""

import re

from evaluators.instructions.arguments import Arguments


def existence(answer: str, arguments: Arguments) -> bool:
    """Every keyword occurs somewhere, in any case, also inside of a longer word."""
    return all(_times(keyword, answer) for keyword in arguments.texts("keywords"))


def frequency(answer: str, arguments: Arguments) -> bool:
    """The keyword occurs often, or seldom, enough; occurrences inside of longer words count."""
    return arguments.allows(_times(arguments.text("keyword").strip(), answer), limit="frequency")


def forbidden_words(answer: str, arguments: Arguments) -> bool:
    """None of the words occurs as a word of its own, in any case."""
    forbidden = (rf"\b{re.escape(word)}\b" for word in arguments.texts("forbidden_words"))
    return not any(re.search(word, answer, re.IGNORECASE) for word in forbidden)


def letter_frequency(answer: str, arguments: Arguments) -> bool:
    """The letter, or sign, occurs often, or seldom, enough, in either case."""
    letter = arguments.text("letter").strip().lower()
    return arguments.allows(answer.lower().count(letter), limit="let_frequency", relation="let_relation")


def no_comma(answer: str, arguments: Arguments) -> bool:
    return "," not in answer


def _times(keyword: str, answer: str) -> int:
    return len(re.findall(re.escape(keyword), answer, re.IGNORECASE))
