"""The `anthropic` SDK as the Anthropic agent uses it: authentication, addresses and typed errors.

The bytes travel through the process's own pool; see `adapters.agents.openai_client`. Imported when the first agent of
the kind opens, because the SDK takes two seconds and 70 MB.
"""

import anthropic
from anthropic import AsyncAnthropic
from anthropic._models import FinalRequestOptions

from adapters.agents.endpoint import Endpoint, said
from adapters.agents.retry_after import retry_after
from adapters.agents.sdk import caused, keyed, seen, unused_client
from adapters.network.transport import HttpPool, HttpResponse
from core.errors import AgentRefused, AgentUnusable, BenchmarkError, KeyRefused, QuotaExhausted, Throttled, Unavailable

NO_KEY = "none"
TOO_MANY = frozenset({429, 529})
"""529: all customers together ask for too much."""
SPENT = "credit balance is too low"
"""Older accounts learn of it in a 400 whose sentence is the only sign."""


class Client(AsyncAnthropic):
    """One base URL and key. SDK retries are off; nothing is sent by the SDK itself."""

    def __init__(self, *, base_url: str, key: str | None, timeout_s: float) -> None:
        super().__init__(
            api_key=key or NO_KEY, base_url=base_url, timeout=timeout_s, max_retries=0, http_client=unused_client()
        )
        # The SDK reads these from the environment by itself and would send them to any origin.
        self._custom_headers = {}
        self._key = key
        self._timeout_s = timeout_s

    def endpoint(self, path: str, http: HttpPool) -> Endpoint:
        headers = self._build_headers(FinalRequestOptions.construct(method="post", url=path))
        url = str(self._prepare_url(path))
        return keyed(url, headers, key=self._key, http=http, timeout_s=self._timeout_s, refusal=self.refusal)

    def refusal(self, response: HttpResponse) -> BenchmarkError:
        """The error of ours for an answer that is none, caused by the SDK's own."""
        cause = self._make_status_error_from_response(seen(response, str(self.base_url)))
        return caused(translated(cause), cause)


def translated(error: anthropic.APIStatusError) -> BenchmarkError:
    """Anthropic's errors in our terms (platform.claude.com/docs/en/api/errors)."""
    told = said(error.response.content)
    detail = f"{error.request.url.host} answered {error.status_code}: {told}"
    wait = retry_after(error.response.headers)
    status = error.status_code
    if status == 402 or error.type == "billing_error" or "spend_limit" in (error.error_code or "") or SPENT in told:
        return QuotaExhausted(f"{detail}. The account has no credit or quota left.")
    if status in TOO_MANY or error.type in {"rate_limit_error", "overloaded_error"}:
        return Throttled(detail, retry_after=wait)
    if status >= 500 or status in {408, 409, 425}:
        return Unavailable(detail, retry_after=wait)
    if status in {401, 403} or error.error_code == "organization_on_hold":
        return KeyRefused(f"{detail}. Check the agent's key.")
    if status == 404:
        return AgentUnusable(f"{detail}. Check the agent's `model` and `base_url`.")
    if 300 <= status < 400:
        return AgentUnusable(f"{detail}. Redirects are not followed: set `base_url` to the final address.")
    if status in {405, 406, 410, 415}:
        return AgentUnusable(f"{detail}. Check the agent's settings.")
    return AgentRefused(detail)
