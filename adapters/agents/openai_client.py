"""The `openai` SDK as the OpenAI agent uses it: authentication, addresses and typed errors.

The bytes travel through the process's own pool: the SDK's request path costs ten times the CPU of the exchange.
Imported when the first agent of the kind opens, because the SDK takes a second and 50 MB.
"""

import openai
from openai import AsyncOpenAI
from openai._models import FinalRequestOptions

from adapters.agents.endpoint import Endpoint, said
from adapters.agents.retry_after import retry_after
from adapters.agents.sdk import caused, keyed, seen, unused_client
from adapters.network.transport import HttpPool, HttpResponse
from core.errors import AgentRefused, AgentUnusable, BenchmarkError, KeyRefused, QuotaExhausted, Throttled, Unavailable

NO_KEY = "none"
OVERLOADED = 529
"""No standard; compatible servers say so when all their customers together ask for too much."""

QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "access_terminated"})
SETTINGS = frozenset(
    {"invalid_api_key", "model_not_found", "unsupported_parameter", "unsupported_value", "unknown_parameter"}
)
POLICY = frozenset({"content_filter", "content_policy_violation", "context_length_exceeded"})


class Client(AsyncOpenAI):
    """One base URL and key. SDK retries are off; nothing is sent by the SDK itself."""

    def __init__(self, *, base_url: str, key: str | None, timeout_s: float) -> None:
        super().__init__(
            api_key=key or NO_KEY, base_url=base_url, timeout=timeout_s, max_retries=0, http_client=unused_client()
        )
        # The SDK reads these from the environment by itself and would send them to any origin.
        self.organization = self.project = None
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


def translated(error: openai.APIStatusError) -> BenchmarkError:
    """OpenAI's errors in our terms, by code first and status second (platform.openai.com/docs/guides/error-codes)."""
    detail = f"{error.request.url.host} answered {error.status_code}: {said(error.response.content)}"
    wait = retry_after(error.response.headers)
    code = error.code or error.type or ""
    status = error.status_code
    if code in QUOTA or status == 402:
        return QuotaExhausted(f"{detail}. The account has no credit or quota left.")
    if code in POLICY:
        return AgentRefused(detail)
    if isinstance(error, openai.RateLimitError) or status == OVERLOADED:
        return Throttled(detail, retry_after=wait)
    if isinstance(error, openai.InternalServerError) or status in {408, 409, 425}:
        return Unavailable(detail, retry_after=wait)
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return KeyRefused(f"{detail}. Check the agent's key.")
    if isinstance(error, openai.NotFoundError):
        return AgentUnusable(f"{detail}. Check the agent's `model` and `base_url`.")
    if 300 <= status < 400:
        return AgentUnusable(f"{detail}. Redirects are not followed: set `base_url` to the final address.")
    if code in SETTINGS or status in {405, 406, 410, 415}:
        return AgentUnusable(f"{detail}. Check the agent's settings.")
    return AgentRefused(detail)
