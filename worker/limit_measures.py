"""What calls wait for, in Prometheus' terms, read from the desks of this process whenever somebody looks."""

from collections.abc import Iterator
from typing import Final
from weakref import WeakSet

from prometheus_client.core import REGISTRY, CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from activities.admission import Limiter
from activities.desk import Desk

KEY: Final = ("key_id", "origin", "model")


class Desks(Collector):
    def __init__(self) -> None:
        self.limiters: WeakSet[Limiter] = WeakSet()

    def collect(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily(
            "benchmark_limit_waiting_calls",
            "Calls that wait for admission by their provider key.",
            labels=[*KEY, "run_id"],
        )
        in_flight = GaugeMetricFamily(
            "benchmark_limit_calls_in_flight", "Calls out, by provider key and run.", labels=[*KEY, "run_id"]
        )
        waited = CounterMetricFamily(
            "benchmark_limit_waited_seconds", "Seconds that calls waited for admission.", labels=KEY
        )
        throttled = CounterMetricFamily(
            "benchmark_limit_throttled", "Answers of providers that ask for fewer requests.", labels=KEY
        )
        broken = GaugeMetricFamily(
            "benchmark_limit_breaker_open", "1 while the breaker of a provider key is open.", labels=KEY
        )
        for desk in self._desks():
            key = _labels(desk)
            for run_id, queue in desk.queues.items():
                waiting.add_metric([*key, run_id], len(queue.waiters))
                in_flight.add_metric([*key, run_id], queue.in_flight)
            waited.add_metric(key, desk.waited_s)
            throttled.add_metric(key, desk.tally.ever_throttled)
            broken.add_metric(key, float(desk.allowance.broken))
        yield from (waiting, in_flight, waited, throttled, broken)

    def _desks(self) -> Iterator[Desk]:
        for limiter in self.limiters:
            yield from limiter.desks.values()


DESKS: Final = Desks()
REGISTRY.register(DESKS)


def measure_limits(limiter: Limiter) -> None:
    """The limiter's desks are part of this process's metrics as long as it lives."""
    DESKS.limiters.add(limiter)


def _labels(desk: Desk) -> list[str]:
    return [desk.key.key_id, desk.key.origin, desk.key.model or ""]
