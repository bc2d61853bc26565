"""What a table has is written down, and a text from a model is no formula."""

from pathlib import Path

import pytest

from adapters.exports.columns import COLUMNS, PARTS
from adapters.exports.csv import harmless
from core.plugins import installed

DOCUMENT = Path("docs/formats.md")


def test_every_column_is_documented_as_it_is() -> None:
    text = DOCUMENT.read_text("utf-8")
    for column in COLUMNS:
        assert f"| `{column.name}` | {column.type} | {column.meaning} |" in text
    for part in PARTS:
        assert f"| `{part.name}.<label>` | {part.type} | {part.meaning} |" in text


@pytest.mark.parametrize("group", ["exporters", "importers"])
def test_every_format_is_documented_and_says_what_it_is(group: str) -> None:
    text = DOCUMENT.read_text("utf-8")
    plugins = installed(group)  # type: ignore[arg-type]
    assert plugins
    for kind, plugin in plugins.items():
        assert f"`{kind}`" in text
        assert plugin.summary


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\N{FULLWIDTH EQUALS SIGN}1"])
def test_what_a_spreadsheet_would_run_is_shown_instead(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "1-1", "'=1", " =1", "\N{HYPHEN}1"])
def test_every_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
