"""Instructions about capital letters and languages: `change_case:*` and `language:*`."""

from evaluators.instructions.arguments import Arguments
from evaluators.instructions.languages import is_in
from evaluators.instructions.tokens import tokens


def english_capital(answer: str, arguments: Arguments) -> bool:
    """English, and capital letters only."""
    return answer.isupper() and is_in("en", answer)


def english_lowercase(answer: str, arguments: Arguments) -> bool:
    """English, and no capital letter."""
    return answer.islower() and is_in("en", answer)


def capital_word_frequency(answer: str, arguments: Arguments) -> bool:
    """Often, or seldom, enough a word of capital letters only."""
    capitals = sum(token.isupper() for token in tokens(answer))
    return arguments.allows(capitals, limit="capital_frequency", relation="capital_relation")


def response_language(answer: str, arguments: Arguments) -> bool:
    """The answer's language is that of the ISO 639-1 code."""
    return is_in(arguments.text("language"), answer)
