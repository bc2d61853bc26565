"""The table of causes is the one the documents print, and it leaves none out."""

from pathlib import Path
from typing import get_args

from core.causes import MEANINGS, FailureCause
from core.outcomes import Cause

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"


def yes(said: bool) -> str:
    return "yes" if said else "no"


def test_every_cause_has_its_meaning() -> None:
    known = {cause for part in get_args(FailureCause) for cause in get_args(part)}
    assert set(MEANINGS) == known > set(get_args(Cause))


def test_the_documents_print_the_table() -> None:
    rows = [
        f"| {cause} | {meaning.when} | {yes(meaning.retried)} | {yes(meaning.agents_fault)} "
        f"| {yes(not meaning.agents_fault)} |"
        for cause, meaning in MEANINGS.items()
    ]
    head = "| cause | when | retried in the run | the agent's fault | lowers coverage only |\n|---|---|---|---|---|\n"
    assert head + "\n".join(rows) + "\n\n" in DOCUMENT.read_text()


def test_only_an_agent_that_was_not_there_is_given_up() -> None:
    absences = {cause for cause, meaning in MEANINGS.items() if meaning.absence}
    assert absences == {"timeout", "infrastructure"}
