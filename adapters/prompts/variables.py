"""What templates of prompts see of a case."""

from collections.abc import Mapping
from typing import Any

from adapters.templates.filters import LETTERS
from core.cases import Case

VARIABLES = ("category", "choices", "id", "input", "lettered", "metadata")
"""The template of an example's answer sees `expected` besides."""
Variables = Mapping[str, Any]


def variables(case: Case) -> Variables:
    """What templates see of a case: never the expected answer."""
    return {
        "id": case.id,
        "input": case.input,
        "choices": list(case.choices),
        "lettered": lettered(case.choices),
        "category": case.category,
        "metadata": case.metadata,
    }


def lettered(choices: tuple[str, ...]) -> str:
    """`A. first`, `B. second`, ..., a line each."""
    return "\n".join(f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False))
