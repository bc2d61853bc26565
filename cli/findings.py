"""What the doctor finds: how a part is, and what mends it."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rich.table import Table
from rich.text import Text

from cli.exits import CommandError, Exit
from core.errors import BenchmarkError

State = Literal["well", "note", "ill"]
STYLES: Final = {"well": "green", "note": "yellow", "ill": "red"}
PATIENCE_S: Final = 15.0


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do about it. A note may be fine as it is."""

    part: str
    state: State
    said: str
    remedy: str = ""


class Ailment(CommandError):
    """Something that does not work, and what mends it."""

    def __init__(self, said: str, remedy: str, code: Exit = Exit.SERVER) -> None:
        super().__init__(f"{said} {remedy}", code)
        self.said = said
        self.remedy = remedy

    def finding(self, part: str) -> Finding:
        return Finding(part, "ill", self.said, self.remedy)


async def tried(part: str, look: Awaitable[Finding], remedy: str) -> Finding:
    """What was found; `remedy` is for what fails without saying what mends it."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await look
    except TimeoutError:
        return Finding(part, "ill", f"does not answer within {PATIENCE_S:g} s", remedy)
    except Ailment as ailment:
        return ailment.finding(part)
    except (CommandError, BenchmarkError) as error:
        return Finding(part, "ill", str(error), remedy)


def findings_table(found: Sequence[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in found:
        said = Text(finding.said)
        if finding.remedy:
            said.append(f"\n-> {finding.remedy}", style="bold")
        table.add_row(Text(finding.state, style=STYLES[finding.state]), Text(finding.part), said)
    return table
