"""Verbs as `help()` shows them: with the arguments that callers give, and the answer that they get."""

import re
from collections.abc import Callable
from functools import cache, update_wrapper
from inspect import Signature, signature
from typing import Any, Final, TypeVar, get_args

F = TypeVar("F", bound=Callable[..., Any])
DESCRIBED: Final = re.compile(r"(?:Call|Flow|Series)\[(.+)\]")
"""What a verb describes, and what comes of it."""


def signed(does: F, describe: Callable[..., Any]) -> F:
    """What does a verb, told as the verb."""
    update_wrapper(does, describe)
    vars(does)["__signature__"] = signature_of(describe)
    return does


def of_its_own(describe: F, verb: Callable[..., Any]) -> F:
    """As `signed`, of what says its id itself: the first argument is left out."""
    update_wrapper(describe, verb)
    whole = signature(verb)
    owner, _, *rest = whole.parameters.values()
    vars(describe)["__signature__"] = whole.replace(parameters=[owner, *rest])
    return describe


@cache
def signature_of(describe: Callable[..., Any]) -> Signature:
    """Without the noun; of the answer, or of each of many."""
    whole = signature(describe)
    _, *parameters = whole.parameters.values()
    return whole.replace(parameters=parameters, return_annotation=_answer(whole.return_annotation))


def _answer(described: Any) -> Any:
    if isinstance(described, str):
        found = DESCRIBED.fullmatch(described)
        return found[1] if found else described
    return get_args(described)[0] if get_args(described) else described
