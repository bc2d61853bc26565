"""The exchange that shares a key: whatever is reported in whatever order, limits hold and the state stays sound."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.circuit import OPENS_AFTER
from core.key_state import KeyState, Stake
from core.limits import Allowance, Asker, Demand, Limits, Report, Trouble
from core.pacing import SLOWEST, Pace, cut, grown, noted
from core.sharing import LEASE_S, exchange
from core.tokens import Spending, affordable, charged, saved, spent

OWNERS, RUNS = ("p1", "p2", "p3"), ("a", "b")
Step = tuple[str, str, int, float, int]
Steps = st.lists(
    st.tuples(
        st.sampled_from(OWNERS), st.sampled_from(RUNS), st.integers(0, 30), st.floats(0.0, 1.0), st.integers(0, 3)
    ),
    max_size=60,
)
"""Who reports for which run, how many wait, seconds since the report before, calls that were refused."""


@dataclass
class Key:
    """A key and the processes that use up whatever they are granted at once."""

    state: KeyState = field(default_factory=KeyState)
    stakes: list[Stake] = field(default_factory=list[Stake])
    at: float = 100.0
    in_flight: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def report(self, owner: str, demands: dict[str, int], **seen: object) -> Allowance:
        live = [stake for stake in self.stakes if stake.seen_at > self.at - LEASE_S]
        others = [stake for stake in live if stake.owner != owner]
        own = [stake for stake in live if stake.owner == owner]
        told = tuple(
            Demand(
                asker=Asker(run_id=run, project_id="default"),
                waiting=waiting,
                in_flight=self.in_flight.get((owner, run), 0),
                used=waiting,
            )
            for run, waiting in demands.items()
        )
        report = Report.model_validate({"owner": owner, "demands": told, "epoch": self.state.pace.epoch} | seen)
        self.state, kept, allowance = exchange(self.state, others, own, report, self.at)
        self.stakes = [*others, *kept]
        return allowance


@given(Steps)
def test_places_are_never_more_than_allowed_in_any_order(steps: list[Step]) -> None:
    key = Key(KeyState(limits=Limits(in_flight=4)))
    for owner, run, waiting, passed, _ in steps:
        # No longer than a lease, within which nobody is taken for dead.
        key.at += passed / 20
        # A process reports of all its runs at once.
        demands = {each: waiting if each == run else 1 for each in RUNS}
        for each in RUNS:
            key.in_flight[owner, each] = max(key.in_flight.get((owner, each), 0) - waiting, 0)
        heard = key.report(owner, demands)
        for each in RUNS:
            place = heard.grants[each].in_flight or 0
            key.in_flight[owner, each] = max(key.in_flight[owner, each], min(place, demands[each]))
        assert sum(key.in_flight.values()) <= 4


@given(Steps)
def test_calls_are_never_more_than_the_bucket_brings(steps: list[Step]) -> None:
    key = Key(KeyState(limits=Limits(requests_per_minute=600)))
    began, granted = key.at, 0
    for owner, run, waiting, passed, _ in steps:
        key.at += passed
        heard = key.report(owner, {run: waiting})
        granted += sum(grant.calls or 0 for grant in heard.grants.values())
        assert granted <= 10 * (key.at - began) + 10 * (0.5 + 1.0)


@given(Steps)
def test_whatever_is_refused_the_rate_stays_sound(steps: list[Step]) -> None:
    key = Key()
    for owner, run, waiting, passed, refused in steps:
        key.at += passed
        heard = key.report(owner, {run: waiting}, accepted=waiting, throttled=refused, told_to_wait_s=passed)
        rate = key.state.pace.rate
        assert rate is None or SLOWEST <= rate < 10_000
        assert heard.free is (rate is None)
        assert 0 <= heard.wait_s <= 60


def test_refusals_of_calls_that_began_before_the_cut_cut_no_deeper() -> None:
    key = Key()
    key.report("p1", {"a": 5}, accepted=50, throttled=50)
    rate = key.state.pace.rate
    key.at += 1
    key.report("p2", {"a": 5}, throttled=50, epoch=0)
    assert key.state.pace.epoch == 1
    assert key.state.pace.rate is not None
    assert rate is not None
    assert key.state.pace.rate >= rate


def test_a_cut_goes_to_what_was_accepted_and_growth_is_slow_around_it() -> None:
    pace = Pace(rate=100.0, reference=100.0, sure=True, epoch=9, cut_at=0.0, noted_at=100.0, grown_at=100.0)
    pace = noted(pace, accepted=180, refused=20, now=101.0)
    assert pace.too_fast
    pace = cut(pace, 101.0)
    assert pace.rate == pytest.approx(0.95 * 90, rel=0.01)
    assert pace.reference == pytest.approx(90, rel=0.01)
    before, at = pace.rate or 0, 101.0
    for _ in range(40):
        at += 0.25
        pace = grown(pace, binding=True, now=at)
    assert before < (pace.rate or 0) < 1.1 * before


def test_growth_waits_while_the_rate_is_not_what_holds_calls_back_and_forgets_after_long_peace() -> None:
    pace = Pace(rate=10.0, reference=10.0, sure=True, epoch=9, cut_at=100.0, grown_at=100.0)
    assert grown(pace, binding=False, now=200.0).rate == 10.0
    assert grown(pace, binding=True, now=800.0).rate is None


def test_a_silent_process_is_taken_for_dead_and_its_probe_is_given_to_another() -> None:
    key = Key()
    trouble = Trouble(kind="unavailable", count=OPENS_AFTER, detail="refused")
    assert key.report("p1", {"a": 3}, trouble=trouble).wait_s > 0
    key.at += 1.1
    assert key.report("p1", {"a": 3}).grants["a"].calls == 1
    assert key.report("p2", {"a": 3}).grants == {}
    key.at += 11
    assert key.report("p2", {"a": 3}).grants["a"].calls == 1


def test_a_failed_probe_doubles_the_pause_and_one_that_succeeds_closes_the_breaker() -> None:
    key = Key()
    key.report("p1", {"a": 3}, trouble=Trouble(kind="unavailable", count=OPENS_AFTER, detail="refused"))
    pauses: list[float] = []
    for _ in range(8):
        key.at = key.state.circuit.retry_at
        key.report("p1", {"a": 3})
        key.report("p1", {"a": 3}, trouble=Trouble(kind="unavailable", count=1, detail="refused"))
        pauses.append(key.state.circuit.retry_at - key.at)
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    key.at += 60
    key.report("p1", {"a": 3})
    assert key.report("p1", {"a": 3}, answers=1).free


def test_different_errors_do_not_add_up() -> None:
    key = Key()
    for kind in ("unavailable", "timeout") * 5:
        key.report("p1", {"a": 1}, trouble=Trouble(kind=kind, count=OPENS_AFTER - 1, detail="no"))
    assert key.state.circuit.state(key.at) == "closed"


def test_tokens_are_charged_ahead_and_corrected_by_what_calls_took() -> None:
    spending = saved(Spending(), 6000, 0.0)
    assert spending.level == 600
    spending = spent(charged(spending, 1), tokens=100, calls=1)
    assert (spending.level, spending.tokens_per_call) == (500, 100)
    assert affordable(spending) == 5
    assert affordable(charged(spending, 5)) == 0
    assert affordable(saved(charged(spending, 5), 6000, 0.5)) == 1
