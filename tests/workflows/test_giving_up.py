"""An agent is given up when it was never there; not for asking for fewer requests, nor for trouble now and then."""

from core.cases import Question, Reply
from core.errors import BenchmarkError, Throttled, Unavailable
from core.runs import Counts
from tests.fakes import Answer, CalculatingAgent
from tests.workflows.service import Service


def failing(first: int, last: int, error: BenchmarkError) -> Answer:
    """Cases `first` to `last` get this error, the others their sum."""

    def answer(question: Question) -> Reply | BaseException:
        case = int(question.case_id.removeprefix("sum-"))
        return error if first <= case <= last else Reply(text=question.expected or "")

    return answer


async def test_a_storm_of_throttling_does_not_make_an_agent_be_given_up(service: Service) -> None:
    agent = CalculatingAgent(answer=failing(0, 39, Throttled("Too many requests (429).")))
    async with service.worker({"agent": agent}, cases=60):
        run = await service.ended(await service.submit("agent", concurrency=4, max_attempts=1))
    assert run.status == "completed"
    assert run.counts == Counts(total=60, answered=20, failed=40, evaluated=20)
    metrics = run.agents[0].metrics
    assert metrics is not None
    assert metrics.errors == {"throttled": 40}
    assert run.validity == "invalid", "a third of the questions says little"


async def test_an_agent_that_answered_once_is_not_given_up_for_a_batch_that_failed(service: Service) -> None:
    agent = CalculatingAgent(answer=failing(40, 99, Unavailable("The connection broke.")))
    async with service.worker({"agent": agent}, cases=200):
        run = await service.ended(await service.submit("agent", concurrency=1, max_attempts=1))
    assert run.status == "completed"
    assert run.counts == Counts(total=200, answered=140, failed=60, evaluated=140)
