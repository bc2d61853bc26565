"""Doing a run again: the same cases, prompts, agents and evaluators, whatever has become of their names since."""

from collections.abc import AsyncIterator, Sequence
from typing import Literal

from adapters.submission.validation import mistakes_of, refuse
from api.services import Services
from core.errors import Conflict, NotFound
from core.runs import Run
from evaluators.registry import version_of

Otherwise = Literal["evaluator"]


async def check_reproducible(services: Services, origin: Run, allow: Sequence[Otherwise]) -> None:
    """Raises InvalidRequest for what cannot run any more, and Conflict for evaluators that judge otherwise by now."""
    found = await mistakes_of(origin.config, services, origin.project_id)
    # Its cases are kept: their source may have changed, or be gone.
    refuse([each for each in found if origin.case_set is None or not each.pointer.startswith("/dataset")])
    if "evaluator" not in allow and (told := [each async for each in _other_versions(services, origin)]):
        raise Conflict(f'{" ".join(told)} To run it all the same, put "evaluator" into `allow`.')


async def _other_versions(services: Services, origin: Run) -> AsyncIterator[str]:
    try:
        manifest = await services.manifests.get(origin.project_id, origin.run_id)
    except NotFound:
        return
    for each in origin.config.evaluators:
        then, now = manifest.evaluators.get(each.label), version_of(each)
        if then is not None and then.version != now:
            yield f"The evaluator {each.label!r} judged in version {then.version}, and here it is {now}."
