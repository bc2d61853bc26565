"""Instructions about the form and parts of an answer: `detectable_format:*` and `detectable_content:*`.

Written without regular expressions where a long answer of one repeated sign would take one of them minutes.
"""

import json
import re

from evaluators.instructions.arguments import Arguments

CONSTRAINED = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
HIGHLIGHT = re.compile(r"\*([^\n*]*)\*")
STRONG_HIGHLIGHT = re.compile(r"\*\*([^\n*]*)\*\*")
FENCES = ("```json", "```Json", "```JSON", "```")
POSTSCRIPTS = {"P.S.": r"p\.\s?s\.", "P.P.S": r"p\.\s?p\.\s?s"}


def number_placeholders(answer: str, arguments: Arguments) -> bool:
    """At least so many `[placeholders]`, each on one line."""
    return sum(_bracketed(line) for line in answer.split("\n")) >= arguments.number("num_placeholders")


def postscript(answer: str, arguments: Arguments) -> bool:
    """The marker of a postscript occurs, in any case, `P.S.` and `P.P.S` also with spaces between."""
    marker = arguments.text("postscript_marker")
    pattern = POSTSCRIPTS.get(marker.strip(), re.escape(marker.strip().lower()))
    return re.search(pattern, answer.lower()) is not None


def number_bullet_lists(answer: str, arguments: Arguments) -> bool:
    """Exactly so many lines that begin with `-`, or with `*` and anything but another `*`."""
    lines = answer.split("\n")
    dashes = sum(line.lstrip().startswith("-") for line in lines)
    return dashes + _stars(lines) == arguments.number("num_bullets")


def number_highlighted_sections(answer: str, arguments: Arguments) -> bool:
    """At least so many spans `*like this*`; one `**like this**` counts too."""
    # The single stars of `** **` pair up as empty ones, which do not count.
    spans = [*HIGHLIGHT.findall(answer), *STRONG_HIGHLIGHT.findall(answer)]
    return sum(bool(span.strip()) for span in spans) >= arguments.number("num_highlights")


def multiple_sections(answer: str, arguments: Arguments) -> bool:
    """At least so many sections that begin with the word and a number: `SECTION 1`."""
    beginning = re.escape(arguments.text("section_spliter").strip()) + r"\s?\d+"
    return len(re.findall(beginning, answer)) >= arguments.number("num_sections")


def constrained_response(answer: str, arguments: Arguments) -> bool:
    """One of the three permitted sentences occurs."""
    return any(sentence in answer for sentence in CONSTRAINED)


def json_format(answer: str, arguments: Arguments) -> bool:
    """The whole answer is JSON, in a markdown fence or bare."""
    text = answer.strip()
    for fence in FENCES:
        text = text.removeprefix(fence)
    try:
        json.loads(text.removesuffix("```").strip())
    except (ValueError, RecursionError):
        return False
    return True


def title(answer: str, arguments: Arguments) -> bool:
    """A title `<<like this>>` that is not blank, on one line."""
    return any(_titled(line) for line in answer.split("\n"))


def _bracketed(line: str) -> int:
    count, opening = 0, line.find("[")
    while opening >= 0 and (closing := line.find("]", opening)) >= 0:
        count, opening = count + 1, line.find("[", closing)
    return count


def _stars(lines: list[str]) -> int:
    count, numbers = 0, iter(range(len(lines)))
    for number in numbers:
        line = lines[number].lstrip()
        if line == "*":
            # A star alone takes the line below as its item; below the last line there is none.
            count += next(numbers, None) is not None
        else:
            count += line.startswith("*") and line[1] != "*"
    return count


def _titled(line: str) -> bool:
    opening, closing = line.find("<<"), line.rfind(">>")
    return 0 <= opening < closing - 2 and bool(line[opening : closing + 2].lstrip("<").rstrip(">").strip())
