"""The tables of events and of what keeps runs from moving are those the documents print."""

from pathlib import Path

from core.events import EventType
from core.stalls import CAUSES

DOCUMENTS = Path(__file__).parents[2] / "docs"


def test_the_documents_print_every_type_of_event() -> None:
    rows = [f"| `{each.value}` | {each.meaning} |" for each in EventType]
    assert "| type | it means |\n|---|---|\n" + "\n".join(rows) + "\n\n" in (DOCUMENTS / "events.md").read_text()


def test_the_documents_print_every_cause_of_a_stall() -> None:
    rows = [f"| `{cause}` | {meaning} |" for cause, meaning in CAUSES.items()]
    assert "| cause | it means |\n|---|---|\n" + "\n".join(rows) + "\n\n" in (DOCUMENTS / "reliability.md").read_text()
