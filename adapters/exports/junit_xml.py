"""JUnit XML, which every CI server reads: a suite for each agent, a test for each question.

A wrong answer is a failure, a question without an answer an error, and one that could not be judged is skipped.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, Final, Self
from xml.etree import ElementTree as Xml

from core.runs import Run

NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""
SHOWN: Final = 2000
"""Characters of a question or an answer."""
IN_MEMORY: Final = 1024**2
"""Bytes of a suite that are held before they go to a temporary file."""
Item = Mapping[str, Any]
"""An item as the API tells it."""


class Suite:
    """Its sums stand in front of its tests, so it is written out when all of them are there. Close it."""

    def __init__(self, name: str, **attributes: str) -> None:
        self._attributes = {"name": cleaned(name), **attributes}
        self._sums = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        self._seconds = 0.0
        self._tests = SpooledTemporaryFile[bytes](max_size=IN_MEMORY)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._tests.close()

    def add(self, test: Xml.Element) -> None:
        self._sums["tests"] += 1
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            self._sums[attribute] += test.find(tag) is not None
        self._seconds += float(test.get("time", "0"))
        Xml.indent(test, level=2)
        self._tests.write(b"    " + Xml.tostring(test, "utf-8").rstrip() + b"\n")

    def parts(self) -> Iterator[bytes]:
        """The element, piece by piece."""
        sums = {name: str(count) for name, count in self._sums.items()} | {"time": f"{self._seconds:.3f}"}
        yield b"  " + _opening("testsuite", self._attributes | sums)
        self._tests.seek(0)
        while piece := self._tests.read(64 * 1024):
            yield piece
        yield b"  </testsuite>\n"


def suite_of(run: Run, agent_id: str) -> Suite:
    return Suite(agent_id, timestamp=(run.started_at or run.created_at).strftime("%Y-%m-%dT%H:%M:%S"))


def document(run: Run, suites: Sequence[Suite]) -> Iterator[bytes]:
    """The file, piece by piece."""
    yield b"<?xml version='1.0' encoding='utf-8'?>\n" + _opening("testsuites", {"name": cleaned(run.name)})
    for suite in suites:
        yield from suite.parts()
    yield b"</testsuites>\n"


def test_of(run: Run, item: Item) -> Xml.Element:
    trial = f" (trial {int(item['trial']) + 1})" if run.config.trials > 1 else ""
    name = cleaned(f"{item['case_id']}{trial}")
    group = cleaned(f"{run.name}.{item.get('category') or item['agent_id']}")
    test = Xml.Element("testcase", classname=group, name=name, time=f"{item.get('latency_s') or 0:.3f}")
    if item["status"] == "failed":
        cause = str(item.get("cause") or "unknown")
        Xml.SubElement(test, "error", message=cause, type=cause).text = cleaned(item.get("detail"))
        return test
    label = run.config.evaluators[0].label
    scores: Sequence[Mapping[str, Any]] = item.get("scores") or []
    score = next((each for each in scores if each["evaluator"] == label and not each.get("stale")), None)
    if score is None or score["value"] is None:
        Xml.SubElement(test, "skipped", message=cleaned((score and score["reason"]) or "not judged"))
    elif score["value"] < 1:
        failure = Xml.SubElement(test, "failure", message=f"{label}: {score['value']:.3g}", type=label)
        parts = (f"{what}: {item[what]}" for what in ("input", "expected", "text") if item.get(what) is not None)
        failure.text = cleaned("\n".join(part[:SHOWN] for part in parts))
    return test


def cleaned(text: object) -> str:
    """The text with only what XML can hold."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", "" if text is None else str(text))


def _opening(tag: str, attributes: Mapping[str, str]) -> bytes:
    element = Xml.Element(tag, dict(attributes))
    return Xml.tostring(element, "unicode").removesuffix(" />").encode() + b">\n"
