"""How questions are dealt out: each once, in few batches, with all lanes used and ending together."""

from hypothesis import given
from hypothesis import strategies as st

from workflows.batches import LARGEST, MOST_AT_ONCE, Cutter, Span


def dealt_out(cutter: Cutter) -> list[tuple[Span, int]]:
    batches: list[tuple[Span, int]] = []
    while cutter.more:
        span, lanes = cutter.deal()
        batches.append((span, lanes))
        cutter.hand_back(lanes)
    return batches


@given(total=st.integers(1, 5000), concurrency=st.integers(1, 200))
def test_every_question_is_dealt_exactly_once(total: int, concurrency: int) -> None:
    spans = [span for span, _ in dealt_out(Cutter(total=total, concurrency=concurrency))]
    assert [number for span in spans for number in range(span.start, span.stop)] == list(range(total))


@given(concurrency=st.integers(1, 2000))
def test_the_lanes_of_all_batches_in_flight_are_the_agents_concurrency(concurrency: int) -> None:
    cutter = Cutter(total=10**6, concurrency=concurrency)
    lanes: list[int] = []
    while cutter.room:
        lanes.append(cutter.deal()[1])
    assert sum(lanes) == concurrency
    assert len(lanes) == min(MOST_AT_ONCE, concurrency)
    assert min(lanes) >= 1


def test_a_batch_stopped_early_is_dealt_again_first() -> None:
    cutter = Cutter(total=1000, concurrency=10)
    span, lanes = cutter.deal()
    cutter.hand_back(lanes)
    cutter.put_back(span)
    assert cutter.deal()[0] == span


def test_a_large_run_needs_few_batches_and_ends_with_small_ones() -> None:
    spans = [span for span, _ in dealt_out(Cutter(total=20_000, concurrency=100))]
    sizes = [span.stop - span.start for span in spans]
    assert max(sizes) == LARGEST
    assert sizes[-1] <= 20
    assert len(spans) < 150


def test_state_survives_continue_as_new() -> None:
    cutter = Cutter(total=1000, concurrency=4)
    first, lanes = cutter.deal()
    cutter.hand_back(lanes)
    cutter.put_back(first)
    heir = Cutter(total=1000, concurrency=4, cursor=cutter.cursor, unfinished=cutter.unfinished)
    assert sum(span.stop - span.start for span, _ in dealt_out(heir)) == 1000
