"""A watched run as JUnit XML: its agents, and first what was asked of all of it (`--fail-under`, a gate)."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree as Xml

from adapters.exports.junit_xml import Item, Suite, cleaned, document, suite_of, test_of
from cli.exits import CommandError, Exit
from core.runs import Run


def write_junit(path: Path, run: Run, items: Iterable[Item], *, ended: Exit, reasons: Sequence[str]) -> None:
    """`items` as the API lists them. Raises CommandError for a file that cannot be written."""
    with ExitStack() as stack:
        verdict = stack.enter_context(Suite("verdict"))
        verdict.add(_verdict(run, ended, reasons))
        suites = {agent.agent_id: stack.enter_context(suite_of(run, agent.agent_id)) for agent in run.agents}
        for item in items:
            suites[str(item["agent_id"])].add(test_of(run, item))
        try:
            with path.open("wb") as file:
                file.writelines(document(run, [verdict, *suites.values()]))
        except OSError as error:
            raise CommandError(f"The JUnit file {path} cannot be written: {error.strerror}.") from error


def _verdict(run: Run, ended: Exit, reasons: Sequence[str]) -> Xml.Element:
    test = Xml.Element("testcase", classname=cleaned(run.name), name="the run as a whole")
    said = cleaned("\n".join(reasons) or (run.error or ""))
    if ended is Exit.BELOW:
        Xml.SubElement(test, "failure", message="below what was asked for", type="below").text = said
    elif ended is Exit.INCONCLUSIVE:
        Xml.SubElement(test, "skipped", message=f"cannot be told. {said}")
    elif ended is not Exit.OK:
        Xml.SubElement(test, "error", message=f"the run {run.status}", type=run.status).text = said
    return test
