"""The format `junit`: a run for CI servers."""

from collections.abc import AsyncGenerator
from contextlib import ExitStack

from adapters.exports.junit_xml import Item, document, suite_of, test_of
from adapters.exports.settings import NoSettings
from core.exports import ExportedItem, Pages
from core.plugins import Plugin
from core.runs import Run


class JunitExporter:
    media_type = "application/xml"
    suffix = "xml"
    one_agent = False

    def __init__(self, settings: NoSettings) -> None:
        pass

    async def write(self, run: Run, pages: Pages) -> AsyncGenerator[bytes]:
        with ExitStack() as stack:
            suites = {agent.agent_id: stack.enter_context(suite_of(run, agent.agent_id)) for agent in run.agents}
            async for page in pages:
                for item in page:
                    suites[item.record.agent_id].add(test_of(run, _told(item)))
            for piece in document(run, list(suites.values())):
                yield piece


def _told(item: ExportedItem) -> Item:
    """As the API tells it."""
    told = item.record.model_dump(include={"agent_id", "trial", "case_id", "category", "latency_s"})
    told |= item.record.model_dump(include={"status", "cause", "detail", "text"})
    scores = [score.model_dump(include={"evaluator", "value", "reason"}) for score in item.scores.values()]
    return told | {"input": item.case.input, "expected": item.case.expected, "scores": scores}


plugin = Plugin(NoSettings, JunitExporter, summary="JUnit XML for CI: a wrong answer is a failed test.")
