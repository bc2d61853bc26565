"""reasoning-gym's verifiers, told of answers and entries that nobody vouches for.

Some of them evaluate the answer as Python, so an answer passes `expressions` first. What hangs or grows all the same
ends with the side process it is judged in.
"""

import json
import warnings
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any, cast

from core.satisfiability import stand_in
from evaluators.expressions import is_algebra, is_bitwise, is_literal

Entry = dict[str, Any]
Verify = Callable[[str, Entry], float]

LONGEST_ANSWER = 20_000
EVALUATED: dict[str, Callable[[str], bool]] = {
    "string_insertion": is_literal,
    "spiral_matrix": is_literal,
    "binary_matrix": is_literal,
    "n_queens": is_literal,
    "simple_integration": is_algebra,
    "intermediate_integration": is_algebra,
    "polynomial_multiplication": is_algebra,
    "puzzle24": is_algebra,
    "countdown": is_algebra,
}
"""Tasks whose verifier evaluates the answer, and what it must be for that."""
GRIDS = ("arc_agi", "rearc")
"""Tasks that compare tuples, which JSON turns into lists."""


def judged(task: str, config: dict[str, Any], entry: Entry, answer: str) -> dict[str, Any]:
    """`{"score": ...}`, or `{"unreadable": ...}` for an answer and `{"trouble": ...}` for a verifier that fails."""
    if trouble := _untrusted(task, entry):
        return {"trouble": trouble}
    try:
        verify = _verifier(task, json.dumps(config, sort_keys=True))
    except Exception as error:  # noqa: BLE001 - a setting the library does not know may raise anything
        return {"trouble": f"reasoning-gym cannot judge it: {type(error).__name__}: {error}"[:300]}
    entry = _with_tuples(entry) if task in GRIDS else entry
    harmless = len(answer) <= LONGEST_ANSWER and _is_harmless(task, entry, answer)
    try:
        return {"score": float(verify(answer, entry) if harmless else 0.0)} | ({} if harmless else {"refused": True})
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a verifier may raise anything on an answer it did not foresee
        return _blamed(verify, entry, error)


def _blamed(verify: Verify, entry: Entry, error: Exception) -> dict[str, Any]:
    """A verifier that accepts its own answer failed because of the agent's."""
    what = f"{type(error).__name__}: {error}"[:300]
    try:
        verify(str(entry["answer"]), entry)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - then the verifier cannot judge this entry at all
        return {"trouble": f"The verifier fails on its own answer: {what}"}
    return {"unreadable": what}


def _is_harmless(task: str, entry: Entry, answer: str) -> bool:
    if task == "coin_flip":
        return "e" not in answer.lower()  # Fraction("1e999999999") would never end.
    if task not in EVALUATED or answer.strip() == str(entry["answer"]).strip():
        return True
    return answer in entry["metadata"].get("valid_answers", ()) or EVALUATED[task](answer)


def _untrusted(task: str, entry: Entry) -> str | None:
    """Why an entry may not be used: anybody may upload a dataset, and some verifiers evaluate parts of it."""
    metadata = cast("Entry", entry.get("metadata") or {})
    parts: dict[str, list[tuple[Any, Callable[[str], bool]]]] = {
        "bitwise_arithmetic": [(metadata.get("problem"), is_bitwise)],
        "number_sorting": [(entry.get("answer"), is_literal)],
        "polynomial_multiplication": [(entry.get("answer"), is_algebra)],
        "simple_integration": [(metadata.get("integrand"), is_algebra), (metadata.get("variable"), str.isalpha)],
        "intermediate_integration": [(metadata.get("integrand"), is_algebra), (metadata.get("variable"), str.isalpha)],
    }
    if not isinstance(entry.get("answer"), str) and task in EVALUATED:
        return "The entry's own answer is no text."
    if all(isinstance(part, str) and fits(part) for part, fits in parts.get(task, [])):
        return None
    return f"The entry of {task!r} holds what its own task would not have made."


@cache
def _verifier(task: str, config: str) -> Verify:
    create = cast("Any", library()).create_dataset
    return create(task, **({"size": 1, "seed": 0} | json.loads(config))).score_answer


@cache
def library() -> ModuleType:
    """The package, imported when it is first needed: that takes seconds."""
    stand_in()
    with warnings.catch_warnings():
        # One of its dependencies compares with `is`; that is only said when it is compiled.
        warnings.simplefilter("ignore")
        import reasoning_gym  # pyright: ignore[reportMissingTypeStubs]
    return reasoning_gym


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_tuples(each) for key, each in cast("Entry", value).items()}
    return tuple(map(_with_tuples, cast("list[Any]", value))) if isinstance(value, list) else value
