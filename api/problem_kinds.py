"""The kinds of problem the API answers with: one slug each, with the page its `type` leads to."""

from core.model import Model


class ProblemKind(Model):
    slug: str
    status: int
    title: str
    meaning: str
    """What happened and what to do, for the page behind `type`."""
    example: str
    """A `detail` as it is told."""
    pointer: str | None = None
    """The place that such a detail is about; None where it is about no place."""

    @property
    def type(self) -> str:
        return f"/problems/{self.slug}"


def _kind(slug: str, status: int, title: str, meaning: str, *, example: str, pointer: str | None = None) -> ProblemKind:
    return ProblemKind(slug=slug, status=status, title=title, meaning=meaning, example=example, pointer=pointer)


MALFORMED = _kind(
    "malformed-request",
    400,
    "The request cannot be read",
    "The body is not valid JSON (or YAML), the bytes are not UTF-8, or a parameter holds characters that no text may "
    "hold. Numbers must fit 64 bits, and documents nest at most 64 levels. `detail` names the place.",
    example="Line 3, column 14: unexpected end of data.",
)
UNAUTHENTICATED = _kind(
    "unauthenticated",
    401,
    "A valid API key is needed",
    "Send `Authorization: Bearer <key>`. Who sends a key that was revoked, replaced or has expired is told so, and "
    "when; any other that does not hold is not known. Without BENCHMARK_API_KEY the API serves the same machine only, "
    "under a loopback name, and no pages of other origins.",
    example="Send the API key as `Authorization: Bearer <key>`.",
)
FORBIDDEN = _kind(
    "forbidden",
    403,
    "The key does not allow this",
    "The key is valid, but lacks the scope that `detail` names, or the request comes from a page of another origin.",
    example="This needs the scope benchmark:write; the key 'dashboard' has benchmark:read.",
)
NOT_FOUND = _kind(
    "not-found",
    404,
    "There is no such thing",
    "Nothing has this address, or it belongs to somebody else: the two look the same on purpose.",
    example="There is no run 'run_01k9rjw1qye8xs5vt1m4ywk0a4'.",
)
METHOD = _kind(
    "method-not-allowed",
    405,
    "The method is not allowed here",
    "The address exists, but not for this method. The `Allow` header lists the ones it takes.",
    example="PATCH is not allowed at '/v1/agents'; it takes GET, HEAD, OPTIONS, POST.",
)
NOT_ACCEPTABLE = _kind(
    "not-acceptable",
    406,
    "There is no answer of the kind that is accepted",
    "`Accept` names media types that this address does not answer with; `detail` names those it does. Leave the header "
    "out, or let it end in `*/*`.",
    example="This is answered as application/json, and Accept names none of it.",
)
CONFLICT = _kind(
    "conflict",
    409,
    "The current state does not allow this",
    "A run can be steered in certain states only, and asked again only where something failed; `detail` names the "
    "run's state and the ones that allow the action.",
    example="The run is completed; pause is possible while a run is processing, queued.",
)
IN_FLIGHT = _kind(
    "request-in-flight",
    409,
    "A request with this Idempotency-Key is still being worked on",
    "Repeat the request after the seconds in `Retry-After`: the answer of the first one will be given.",
    example="The first request with this Idempotency-Key is still being worked on.",
)
STALE = _kind(
    "stale-revision",
    412,
    "It was changed since you looked",
    "`If-Match` named another revision than the present one. Look at it again, then decide.",
    example="It is at revision 8 by now, not 7; look at it again.",
)
TOO_LARGE = _kind(
    "content-too-large",
    413,
    "The body is too large",
    "The body is over the limit of this service (`BENCHMARK_MAX_BODY_BYTES`), or a document over the limit of "
    "documents (JSON, YAML). Large datasets can be read from S3 or HTTPS instead of being uploaded.",
    example="The body is over the limit of 67108864 bytes.",
)
ADDRESS_TOO_LONG = _kind(
    "address-too-long",
    414,
    "The address is too long",
    "The path and the query together are over the limit that `detail` names. Cursors are taken as they were given.",
    example="The address is over 16384 bytes.",
)
HEADERS_TOO_LARGE = _kind(
    "headers-too-large",
    431,
    "The headers are too large",
    "The request's headers together are over the limit that `detail` names; often it is cookies of other pages.",
    example="The headers are over 65536 bytes.",
)
MEDIA_TYPE = _kind(
    "unsupported-media-type",
    415,
    "The body has a type that is not taken here",
    "Send `Content-Type: application/json`; definitions may also come as `application/yaml`.",
    example="Send application/json (definitions also as application/yaml), not 'text/plain'.",
)
INVALID = _kind(
    "invalid-request",
    422,
    "The request says something that cannot work",
    "Every entry of `errors` points at one place: `pointer` is a JSON pointer into the body, or the name of a "
    "query parameter. Nothing was stored or started.",
    example="There is no field 'trails' here; did you mean 'trials'?",
    pointer="/trails",
)
KEY_REUSED = _kind(
    "idempotency-key-reused",
    422,
    "This Idempotency-Key belongs to another request",
    "The key was sent before with another body, address or caller. Use a new key for a new request; a key is "
    "remembered for 24 hours.",
    example="This Idempotency-Key was sent before with another request.",
)
TOO_MANY = _kind(
    "too-many-requests",
    429,
    "Too many requests",
    "Come back after the seconds in `Retry-After`.",
    example="More than 60000 requests a minute came by one key; one more is taken in 1 s.",
)
INTERNAL = _kind(
    "internal-error",
    500,
    "Something of ours broke",
    "This is a fault of the service, not of the request. Its log tells more under the `request_id`.",
    example="The service failed to handle this request; its log tells why.",
)
AGENT_FAILED = _kind(
    "agent-failed",
    502,
    "The agent did not answer properly",
    "The request reached the service, but the agent that was tried could not be had or sent something that is no "
    "answer. `detail` says what it did.",
    example="The agent answered 500: the model is overloaded.",
)
AGENT_UNUSABLE = _kind(
    "agent-unusable",
    422,
    "The agent cannot work with these settings",
    "The key is wrong or spent, the model is unknown, or the network policy forbids its address. Mend the settings.",
    example="The agent does not accept the key that was sent.",
)
UNAVAILABLE = _kind(
    "service-unavailable",
    503,
    "A part of the service does not answer",
    "PostgreSQL, Temporal or the object storage is away. Repeat the request after the seconds in `Retry-After`; "
    "with an `Idempotency-Key` repeating is safe.",
    example="The database does not answer; repeat the request in a moment.",
)
TIMED_OUT = _kind(
    "timed-out",
    504,
    "No answer came in time",
    "What was asked did not answer within its deadline.",
    example="The agent gave no complete answer within 60 s.",
)

KINDS: dict[str, ProblemKind] = {
    kind.slug: kind
    for kind in (
        MALFORMED,
        UNAUTHENTICATED,
        FORBIDDEN,
        NOT_FOUND,
        METHOD,
        NOT_ACCEPTABLE,
        CONFLICT,
        IN_FLIGHT,
        STALE,
        TOO_LARGE,
        ADDRESS_TOO_LONG,
        MEDIA_TYPE,
        INVALID,
        KEY_REUSED,
        TOO_MANY,
        HEADERS_TOO_LARGE,
        INTERNAL,
        AGENT_FAILED,
        AGENT_UNUSABLE,
        UNAVAILABLE,
        TIMED_OUT,
    )
}
BY_STATUS: dict[int, ProblemKind] = {
    400: MALFORMED,
    401: UNAUTHENTICATED,
    403: FORBIDDEN,
    404: NOT_FOUND,
    405: METHOD,
    406: NOT_ACCEPTABLE,
    409: CONFLICT,
    412: STALE,
    413: TOO_LARGE,
    414: ADDRESS_TOO_LONG,
    415: MEDIA_TYPE,
    422: INVALID,
    429: TOO_MANY,
    431: HEADERS_TOO_LARGE,
    500: INTERNAL,
    502: AGENT_FAILED,
    503: UNAVAILABLE,
    504: TIMED_OUT,
}
"""Which kind an error of the framework is, by its status."""
