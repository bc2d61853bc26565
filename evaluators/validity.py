"""Whether a run's figures may be believed: by the share of its questions that were answered and scored.

| coverage of an agent | validity | why |
|---|---|---|
| 99 % and more | valid | what is missing moves the accuracy by one point at most, whatever it was |
| 50 % and more | partial | the figures describe the questions that were scored; the missing ones may differ |
| less | invalid | more is missing than known; a ranking by it would rank the failures |

A run is valid when all its agents are, invalid when all of them are, and partial otherwise: agents that can be
compared stay useful beside one that broke. A run without agents or questions is invalid: it shows nothing.
"""

from collections.abc import Sequence

from core.runs import Validity

VALID_COVERAGE = 0.99
"""From here on a run counts as complete."""
PARTIAL_COVERAGE = 0.5
"""Below this more is missing than known."""


def judge_validity(coverages: Sequence[float]) -> Validity:
    """The validity of a run whose agents have these coverages (0..1); of one agent when there is one."""
    judged: set[Validity] = {_of_agent(coverage) for coverage in coverages}
    if not judged:
        return "invalid"
    return judged.pop() if len(judged) == 1 else "partial"


def _of_agent(coverage: float) -> Validity:
    if coverage >= VALID_COVERAGE:
        return "valid"
    return "partial" if coverage >= PARTIAL_COVERAGE else "invalid"
