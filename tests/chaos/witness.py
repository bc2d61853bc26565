"""The provider's side: a model that answers by arithmetic, remembers every call, and has weather of its own."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.providers import Asked, Behaviour, Hangs, Resets, Sends, Status, Trickles
from tests.shapes import Says

Weather = Callable[[], Behaviour | None]
SLOWEST_S = 2.5
QUICKEST_S = 0.5


def fair() -> Behaviour | None:
    """Every call is answered."""
    return None


def stormy(chance: Random, share: float) -> Weather:
    """So large a share of calls gets throttled, refused, reset, strangled, garbage or no answer at all."""
    troubles: list[Behaviour] = [
        Status(429, "Slow down.", code="rate_limit_exceeded", headers={"Retry-After": "1"}),
        Status(429, "Slow down."),
        Status(500, "Broken."),
        Status(502, body=b"<html>Bad Gateway</html>"),
        Status(503, "Overloaded.", headers={"Retry-After": "1"}),
        Status(529, "Overloaded."),
        Resets(),
        Hangs(),
        Trickles(),
        Sends(b'{"id": "chatcmpl-1", "choices": [{"mess'),
        Sends(b'{"choices": NaN}'),
        Sends(b'{"id": "chatcmpl-1"}', claimed=10_000),
    ]
    return lambda: chance.choice(troubles) if chance.random() < share else None


def only(behaviour: Behaviour) -> Weather:
    """Every call gets this."""
    return lambda: behaviour


@dataclass
class Witness:
    """An answer function of `tests.providers.Provider`. A run's name comes as the system message."""

    weather: Weather = fair
    seen: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict[str, Counter[tuple[str, str]]])
    """By run: how often each (model, question) came."""
    calls: int = 0

    def __call__(self, asked: Asked) -> Behaviour:
        body = asked.body
        system, user = (message["content"] for message in body["messages"])
        self.seen.setdefault(system, Counter())[body["model"], user] += 1
        self.calls += 1
        return self.weather() or answered(body["model"], user)

    def forget(self, run: str) -> None:
        """Of a run that was audited."""
        self.seen.pop(run, None)


def answered(model: str, question: str) -> Says:
    """What this model always says to this question: in three of ten cases something wrong."""
    dice = hashlib.sha256(f"{model}|{question}".encode()).digest()
    total = 2 * int(question.partition("+")[0])
    wrong = dice[0] % 10 < 3
    pause_s = QUICKEST_S + (SLOWEST_S - QUICKEST_S) * dice[1] / 255
    return Says(str(total + 1 if wrong else total), latency_s=pause_s, output_tokens=1 + dice[2] % 50)
