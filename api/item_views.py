"""Items as the API shows them: the record, with the question that was asked and the answer that was wanted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from api.services import Services
from core.cases import Case
from core.errors import BenchmarkError
from core.items import ItemAttempt, ItemRecord

EXCERPT: Final = 1000
"""Characters of a question and of an expected answer in a list; the item by itself has them whole."""


class ItemView(ItemRecord):
    """How one question to one agent ended, and where all of it is."""

    item_id: str
    """The agent's number, the case's index and the trial: `0-17-0`."""
    link: str
    input: str | None
    """What the case asks, before any template. In a list its first 1,000 characters, `…` at the end of what was cut.
    None when the object storage does not answer."""
    expected: str | None
    """The answer that was wanted, cut likewise; None for a case that has none."""


class ItemDetail(ItemView):
    """Besides, the case that was asked and every call that was made for it."""

    case: Case | None
    """None when the object storage does not answer."""
    attempts: tuple[ItemAttempt, ...]


async def item_views(
    services: Services, run_id: str, case_set: str | None, items: Sequence[ItemRecord]
) -> tuple[ItemView, ...]:
    """The items of a list, their questions cut."""
    cases = await _cases(services, case_set, (item.case_index for item in items))
    return tuple(ItemView(**_shown(item, run_id, cases.get(item.case_index), EXCERPT)) for item in items)


async def item_detail(
    services: Services, run_id: str, case_set: str | None, item: ItemRecord, attempts: tuple[ItemAttempt, ...]
) -> ItemDetail:
    """One item with everything that is known of it."""
    case = (await _cases(services, case_set, [item.case_index])).get(item.case_index)
    return ItemDetail(**_shown(item, run_id, case, None), case=case, attempts=attempts)


def _shown(item: ItemRecord, run_id: str, case: Case | None, most: int | None) -> dict[str, Any]:
    item_id = f"{item.agent_no}-{item.case_index}-{item.trial}"
    return {
        **dict(item),
        "item_id": item_id,
        "link": f"/v1/runs/{run_id}/items/{item_id}",
        "input": _cut(case.input, most) if case else None,
        "expected": _cut(case.expected, most) if case else None,
    }


def _cut(text: str | None, most: int | None) -> str | None:
    if text is None or most is None or len(text) <= most:
        return text
    return text[:most] + "…"


async def _cases(services: Services, case_set: str | None, wanted: Iterable[int]) -> Mapping[int, Case]:
    """The cases by their index; none of them when the storage does not answer."""
    if case_set is None:
        return {}
    found: dict[int, Case] = {}
    try:
        opened = await services.case_sets.open(case_set)
        for index in sorted({*wanted}):
            [found[index]] = await services.case_sets.read(opened, index, index + 1)
    except BenchmarkError:
        return {}
    return found
