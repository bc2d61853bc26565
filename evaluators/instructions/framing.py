"""Instructions about an answer's beginning, end and repetition: `startend:*` and `combination:*`."""

from evaluators.instructions.arguments import Arguments

BETWEEN_RESPONSES = "******"


def end_checker(answer: str, arguments: Arguments) -> bool:
    """The answer ends with the phrase, in any case, with or without a closing quote behind it."""
    return answer.strip().strip('"').lower().endswith(arguments.text("end_phrase").strip().lower())


def quotation(answer: str, arguments: Arguments) -> bool:
    """The whole answer stands in double quotes."""
    text = answer.strip()
    return len(text) > 1 and text.startswith('"') and text.endswith('"')


def repeat_prompt(answer: str, arguments: Arguments) -> bool:
    """The answer begins with the request, word for word, in any case."""
    return answer.strip().lower().startswith(arguments.text("prompt_to_repeat").strip().lower())


def two_responses(answer: str, arguments: Arguments) -> bool:
    """Exactly two different responses with six asterisks between them; a divider may open or close the answer."""
    first, *others = (part.strip() for part in answer.split(BETWEEN_RESPONSES))
    if not all(others[:-1]):
        return False
    responses = [part for part in (first, *others) if part]
    return len(responses) == 2 and responses[0] != responses[1]
