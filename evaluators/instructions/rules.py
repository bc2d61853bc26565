"""The 25 instructions by the names that IFEval's data give them, and the two ways of judging an answer by them.

Loose judgement (Zhou et al. 2023, section 2.2) also accepts an answer that follows an instruction once its markdown
emphasis, its first line ("Sure, here it is:") or its last line is gone, or any of these together.
"""

from collections.abc import Mapping
from typing import Literal

from core.errors import CannotJudge, listed
from evaluators.instructions import formats, framing, keywords, lengths, letter_case
from evaluators.instructions.arguments import Arguments, Rule

Mode = Literal["strict", "loose"]

RULES: Mapping[str, Rule] = {
    "change_case:capital_word_frequency": letter_case.capital_word_frequency,
    "change_case:english_capital": letter_case.english_capital,
    "change_case:english_lowercase": letter_case.english_lowercase,
    "combination:repeat_prompt": framing.repeat_prompt,
    "combination:two_responses": framing.two_responses,
    "detectable_content:number_placeholders": formats.number_placeholders,
    "detectable_content:postscript": formats.postscript,
    "detectable_format:constrained_response": formats.constrained_response,
    "detectable_format:json_format": formats.json_format,
    "detectable_format:multiple_sections": formats.multiple_sections,
    "detectable_format:number_bullet_lists": formats.number_bullet_lists,
    "detectable_format:number_highlighted_sections": formats.number_highlighted_sections,
    "detectable_format:title": formats.title,
    "keywords:existence": keywords.existence,
    "keywords:forbidden_words": keywords.forbidden_words,
    "keywords:frequency": keywords.frequency,
    "keywords:letter_frequency": keywords.letter_frequency,
    "language:response_language": letter_case.response_language,
    "length_constraints:nth_paragraph_first_word": lengths.nth_paragraph_first_word,
    "length_constraints:number_paragraphs": lengths.number_paragraphs,
    "length_constraints:number_sentences": lengths.number_sentences,
    "length_constraints:number_words": lengths.number_words,
    "punctuation:no_comma": keywords.no_comma,
    "startend:end_checker": framing.end_checker,
    "startend:quotation": framing.quotation,
}


def follows(answer: str, arguments: Arguments, mode: Mode) -> bool:
    """Whether the answer follows the instruction; a blank one follows none.

    Raises CannotJudge for an instruction of another name, and for arguments that are missing or of another type.
    """
    rule = RULES.get(arguments.instruction)
    if rule is None:
        raise CannotJudge(f"There is no instruction {arguments.instruction!r}; there are: {listed(list(RULES))}.")
    answers = [answer] if mode == "strict" else variants(answer)
    # The rule comes first, so that wrong arguments are told even of a blank answer.
    return any(rule(each, arguments) and bool(each.strip()) for each in answers)


def variants(answer: str) -> list[str]:
    """The answer, and what is left of it without first line, last line, both; each with and without asterisks."""
    rest = answer.partition("\n")[2]
    middle = rest.rpartition("\n")[0].strip()
    without_last = answer.rpartition("\n")[0].strip()
    cut = [answer, rest.strip(), without_last, middle]
    return cut + [each.replace("*", "") for each in cut]
