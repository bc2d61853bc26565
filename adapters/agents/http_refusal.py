"""What the statuses of an HTTP agent mean, where no vendor says more (RFC 9110, 15)."""

from collections.abc import Callable

from yarl import URL

from adapters.agents.endpoint import said
from adapters.agents.retry_after import retry_after
from adapters.network.transport import HttpResponse
from core.errors import AgentRefused, AgentUnusable, BenchmarkError, KeyRefused, QuotaExhausted, Throttled, Unavailable

PASSING = frozenset({408, 409, 425})
TOO_MANY = frozenset({429, 529})
"""529 is no standard: some say so when all their customers together ask for too much."""
WRONG_ADDRESS = frozenset({404, 405, 406, 410, 415, 501, 505})


def refusal_of(url: str) -> Callable[[HttpResponse], BenchmarkError]:
    """The function that turns an unsuccessful response of this agent into an error."""
    host = URL(url).host

    def refusal(response: HttpResponse) -> BenchmarkError:
        status = response.status
        detail = f"{host} answered {status}: {said(response.body)}"
        wait = retry_after(response.headers)
        if status in TOO_MANY:
            return Throttled(detail, retry_after=wait)
        if status in {401, 403, 407}:
            return KeyRefused(f"{detail}. Check the agent's `credential` and `auth`.")
        if status == 402:
            return QuotaExhausted(f"{detail}. The account has no credit or quota left.")
        if status in WRONG_ADDRESS:
            return AgentUnusable(f"{detail}. Check the agent's `url` and `method`.")
        if status < 400:
            return AgentUnusable(f"{detail}. Redirects are not followed: set `url` to the final address.")
        if status >= 500 or status in PASSING:
            return Unavailable(detail, retry_after=wait)
        return AgentRefused(detail)

    return refusal
