"""How a run ended, for GitHub Actions: a step summary (Markdown) and an annotation, where a workflow runs the command.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cli.exits import CommandError, Exit
from cli.figures import NOT_KNOWN, accuracy, interval, money, seconds, thousands
from cli.output import say
from core.runs import Run, RunAgent

ANNOTATIONS: Final = {Exit.OK: "notice", Exit.INCONCLUSIVE: "warning"}
WORDS: Final = {
    Exit.OK: "passed",
    Exit.BELOW: "failed",
    Exit.INCONCLUSIVE: "inconclusive",
    Exit.FAILED: "did not complete",
}
COLUMNS: Final = ("agent", "accuracy", "95 % interval", "scored", "failed", "p50", "cost")


def tell_github(run: Run, *, ended: Exit, reasons: Sequence[str], where: str) -> None:
    """Where a workflow runs this; nothing elsewhere. `where` is the run's address. Raises CommandError."""
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(file).open("a", encoding="utf-8") as summary:
                summary.write(step_summary(run, ended=ended, reasons=reasons, where=where))
        except OSError as error:
            raise CommandError(f"GITHUB_STEP_SUMMARY {file} cannot be written: {error.strerror}.") from error
    if os.environ.get("GITHUB_ACTIONS") == "true":
        say(annotation(run, ended=ended, reasons=reasons))


def step_summary(run: Run, *, ended: Exit, reasons: Sequence[str], where: str) -> str:
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(_row(agent) for agent in run.agents)]
    lines = [f"### {_markdown(run.name)}: {WORDS.get(ended, 'ended')}", ""]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    lines += ["", *(f"- {_markdown(reason)}" for reason in reasons), f"- Run `{run.run_id}`: {where}", "", ""]
    return "\n".join(lines)


def annotation(run: Run, *, ended: Exit, reasons: Sequence[str]) -> str:
    """A line that GitHub shows beside the job."""
    told = [f"{agent.agent_id} {_row(agent)[1]} ({_row(agent)[2]})" for agent in run.agents]
    text = "\n".join(reasons) or ", ".join(told)
    title = f"{run.name} {WORDS.get(ended, 'ended')}".replace(",", " ").replace(":", " ")
    return f"::{ANNOTATIONS.get(ended, 'error')} title={_escaped(title)}::{_escaped(text)}"


def _row(agent: RunAgent) -> tuple[str, ...]:
    found = agent.metrics
    if found is None:
        return (_markdown(agent.agent_id), _markdown(agent.error or agent.status), *[NOT_KNOWN] * (len(COLUMNS) - 2))
    return (
        _markdown(agent.agent_id),
        accuracy(found.accuracy, found.score),
        interval(found.accuracy, found.score),
        thousands(found.answered - found.unscored),
        thousands(found.failed),
        NOT_KNOWN if found.latency is None else seconds(found.latency.p50),
        money(found.cost.total_usd),
    )


def _markdown(text: str) -> str:
    """Somebody else's words, in a table: on one line, and no markup of theirs."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{sign}" if sign in r"\`*_[]|#" else sign for sign in plain)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
