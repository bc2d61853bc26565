"""Charts: where numbers lie on their scales, and that names in them stay names."""

from hypothesis import example, given
from hypothesis import strategies as st

from api.charts.axes import scale_of
from api.charts.marks import interval_mark, parts_bar
from api.charts.plots import latency_curves, offers_of, quality_over_cost
from core.reports import Curve

POSITIVE = st.floats(min_value=1e-6, max_value=1e6)


@given(st.lists(POSITIVE, min_size=1, max_size=20))
@example([9.999999999999999e-05, 1.0])
@example([0.1, 999.9999999999999])
def test_every_value_lies_on_its_scale_and_order_is_kept(values: list[float]) -> None:
    scale = scale_of(values, 50, 700)
    assert scale.low <= min(values) <= max(values) <= scale.high * (1 + 1e-9)
    places = [scale.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(50 <= place <= 700 for place in places)
    assert 2 <= len(scale.ticks) <= 14


def test_seconds_that_differ_widely_have_a_logarithmic_scale() -> None:
    assert scale_of([0.01, 5.0], 0, 1).logarithmic
    assert not scale_of([1.0, 5.0], 0, 1).logarithmic
    assert not scale_of([0.0, 5.0], 0, 1).logarithmic


def test_who_is_beaten_in_both_is_not_on_the_front() -> None:
    offers = offers_of([("a", 0, 1.0, 0.9, None, None), ("b", 1, 0.5, 0.8, 0.7, 0.9), ("c", 2, 0.7, 0.8, None, None)])
    assert [offer.agent_id for offer in offers if offer.best] == ["a", "b"]
    assert "nobody is better and cheaper than: b, a." in quality_over_cost(offers)


def test_names_in_charts_are_escaped() -> None:
    name = '"><script>alert(1)</script>'
    drawn = latency_curves([Curve(agent_id=name, points=((0.1, 0.5), (0.2, 1.0)), n=2)], [0])
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_a_mark_says_in_words_what_it_shows() -> None:
    assert 'aria-label="a: 80 %"' in interval_mark((0.8, None, None), (0, 1), tone="", label="a: 80 %")
    assert parts_bar([("part-right", 0.0)], label="nothing").count("<rect") == 1
