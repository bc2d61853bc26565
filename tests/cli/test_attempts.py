"""The calls of a run are read a line each, below what faults cost in all."""

import io
from typing import Any

from rich.console import Console

from cli.attempts import attempts_view
from cli.remarks import totals_text
from core.runs import LedgerTotals

LATE: dict[str, Any] = {
    "item_id": "0-17-0",
    "number": 1,
    "agent_id": "[small] model",
    "claimed_at": "2026-11-23T12:00:00Z",
    "finished_at": "2026-11-23T12:00:42Z",
    "status": "late",
    "owner": "41@host/0#ab12cd34",
    "detail": "It is\nKyoto.",
}


def rendered(*attempts: dict[str, Any], totals: LedgerTotals) -> list[str]:
    console = Console(width=140, file=io.StringIO())
    console.print(attempts_view(list(attempts), totals))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_a_call_is_a_line_with_its_worker_and_its_end() -> None:
    open_call = {**LATE, "number": 2, "finished_at": None, "status": "open", "detail": None}
    lines = rendered(LATE, open_call, totals=LedgerTotals())
    assert lines[0].strip() == "No call was lost."
    assert lines[2].startswith("0-17-0")
    assert "[small] model" in lines[2]
    assert "42.0 s" in lines[2]
    assert lines[2].rstrip().endswith("It is Kyoto.")
    assert "open" in lines[3]


def test_what_faults_cost_is_a_sentence() -> None:
    totals = LedgerTotals(
        unknown_calls=12, resent_calls=11, recovered_cases=10, late_answers=2, wasted_tokens=3400, wasted_usd=0.5
    )
    assert totals_text(totals) == (
        "12 calls lost with their worker, 11 sent again, 10 questions answered all the same; "
        "2 late answers wasted 3,400 tokens and $0.5."
    )
