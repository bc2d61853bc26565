"""Forms that texts must have, as regular expressions for machines and in words for people."""

from typing import Final

CALENDAR_PART: Final = r"^(\*|[0-9]+(-[0-9]+)?)(/[0-9]+)?(,(\*|[0-9]+(-[0-9]+)?)(/[0-9]+)?)*$"
IN_WORDS: Final = {
    CALENDAR_PART: "must be numbers, ranges and steps, such as `9`, `1-5`, `0,30`, `*/15` or `*`",
}
"""What is said of a text that does not fit; forms that are not here are told as they are."""
