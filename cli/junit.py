"""A run as JUnit XML, which every CI server reads: a suite for each agent, a test for each question.

A wrong answer is a failure, a question without an answer an error, and one that could not be judged is skipped. What
was asked of the run as a whole (`--fail-under`, a gate) is a suite of its own, the first.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as Xml

from cli.exits import CommandError, Exit
from core.runs import Run

NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""
SHOWN: Final = 2000
"""Characters of a question or an answer."""
Item = Mapping[str, Any]


def write_junit(path: Path, run: Run, items: Iterable[Item], *, ended: Exit, reasons: Sequence[str]) -> None:
    """`items` as the API lists them. Raises CommandError for a file that cannot be written."""
    root = Xml.Element("testsuites", name=_clean(run.name))
    _verdict(Xml.SubElement(root, "testsuite", name="verdict"), run, ended, reasons)
    suites = {
        agent.agent_id: Xml.SubElement(root, "testsuite", name=_clean(agent.agent_id), timestamp=_moment(run))
        for agent in run.agents
    }
    for item in items:
        _test(suites[str(item["agent_id"])], run, item)
    for suite in root:
        _count(suite)
    tree = Xml.ElementTree(root)
    Xml.indent(tree)
    try:
        tree.write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise CommandError(f"The JUnit file {path} cannot be written: {error.strerror}.") from error


def _moment(run: Run) -> str:
    return (run.started_at or run.created_at).strftime("%Y-%m-%dT%H:%M:%S")


def _verdict(suite: Xml.Element, run: Run, ended: Exit, reasons: Sequence[str]) -> None:
    test = Xml.SubElement(suite, "testcase", classname=_clean(run.name), name="the run as a whole")
    said = _clean("\n".join(reasons) or (run.error or ""))
    if ended is Exit.BELOW:
        Xml.SubElement(test, "failure", message="below what was asked for", type="below").text = said
    elif ended is Exit.INCONCLUSIVE:
        Xml.SubElement(test, "skipped", message=f"cannot be told. {said}")
    elif ended is not Exit.OK:
        Xml.SubElement(test, "error", message=f"the run {run.status}", type=run.status).text = said


def _test(suite: Xml.Element, run: Run, item: Item) -> None:
    trial = f" (trial {int(item['trial']) + 1})" if run.config.trials > 1 else ""
    name = _clean(f"{item['case_id']}{trial}")
    group = _clean(f"{run.name}.{item.get('category') or item['agent_id']}")
    test = Xml.SubElement(suite, "testcase", classname=group, name=name, time=f"{item.get('latency_s') or 0:.3f}")
    if item["status"] == "failed":
        cause = str(item.get("cause") or "unknown")
        Xml.SubElement(test, "error", message=cause, type=cause).text = _clean(item.get("detail"))
        return
    label = run.config.evaluators[0].label
    scores: Sequence[Mapping[str, Any]] = item.get("scores") or []
    score = next((each for each in scores if each["evaluator"] == label), None)
    if score is None or score["value"] is None:
        Xml.SubElement(test, "skipped", message=_clean((score and score["reason"]) or "not judged"))
    elif score["value"] < 1:
        failure = Xml.SubElement(test, "failure", message=f"{label}: {score['value']:.3g}", type=label)
        parts = (f"{what}: {item[what]}" for what in ("input", "expected", "text") if item.get(what) is not None)
        failure.text = _clean("\n".join(part[:SHOWN] for part in parts))


def _count(suite: Xml.Element) -> None:
    """The sums that readers want in front."""
    suite.set("tests", str(len(suite)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(test.find(tag) is not None for test in suite)))
    suite.set("time", f"{sum(float(test.get('time', '0')) for test in suite):.3f}")


def _clean(text: object) -> str:
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", "" if text is None else str(text))
