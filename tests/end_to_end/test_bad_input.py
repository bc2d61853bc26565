"""What cannot work is refused with its place, or ends as a failed run with a cause a person can act on.

Never a 500, and never a run that stays where it is.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.end_to_end.deployment import Deployment
from tests.end_to_end.user import User
from tests.providers import Asked, Behaviour, Hangs, Provider, Sends, Status

NOBODY = "http://127.0.0.1:1"
"""Where nothing listens."""
ROWS = [{"input": f"question {number}", "expected": "42"} for number in range(3)]
OPENAI = {"kind": "openai", "model": "m", "base_url": f"{NOBODY}/v1"}


def inline(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"dataset": {"source": {"kind": "inline", "rows": rows or ROWS}, **more}}


def definition(**changes: Any) -> dict[str, Any]:
    """A run that would work, but for the changes."""
    agents = [{"name": "agent", "agent": {"kind": "simulated"}}]
    return {"name": "bad input", **inline(), "agents": agents, "evaluators": [{"kind": "exact"}]} | changes


def asking(agent: dict[str, Any], **more: Any) -> dict[str, Any]:
    return definition(agents=[{"name": "agent", "agent": agent, "max_attempts": 2, **more}])


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown agent kind": (asking({"kind": "psychic"}), "/agents/0/agent/kind", "installed: anthropic, callable, http"),
    "unknown evaluator": (definition(evaluators=[{"kind": "vibes"}]), "/evaluators/0/kind", ", choice, "),
    "unknown dataset kind": (
        definition(dataset={"source": {"kind": "usb"}}), "/dataset/source/kind", "installed: answers, file, inline",
    ),
    "a setting the agent does not know": (asking(OPENAI | {"modle": "x"}), "/agents/0/agent/modle", "max_tokens"),
    "a setting of the wrong type": (asking(OPENAI | {"temperature": "hot"}), "/agents/0/agent/temperature", "number"),
    "a pattern that does not compile": (
        definition(evaluators=[{"kind": "regex", "patterns": ["("]}]), "/evaluators/0/patterns/0", "",
    ),
    "unknown key": (definition(agnets=[]), "/agnets", "did you mean 'agents'?"),
    "no agents": (definition(agents=[]), "/agents", "at least one agent"),
    "two agents of one name": (
        definition(agents=[{"name": "a", "agent": OPENAI}, {"name": "a", "agent": OPENAI}]), "", "share the name 'a'",
    ),
    "an unknown stored agent": (definition(agents=["nobody"]), "/agents/0", "GET /v1/agents lists them"),
    "an unknown stored dataset": (
        definition(dataset={"source": {"kind": "uploaded", "name": "gone"}}), "/dataset/source/name", "/v1/datasets",
    ),
    "an unknown benchmark": ({"benchmark": "mnlu"}, "/benchmark", "mmlu"),
    "an empty dataset": (definition(dataset={"source": {"kind": "inline", "rows": []}}), "/dataset/source/rows", ""),
    "a template that does not parse": (definition(prompt={"template": "{{ input"}), "/prompt/template", "line 1"),
    "a template that names nothing": (
        definition(prompt={"template": "{{ question }}"}), "/prompt/template", "there are: category, choices, id",
    ),
    "a mapping that does not parse": (
        definition(**inline(fields={"input": "{{ q"})), "/dataset/fields/input", "does not parse",
    ),
    "a function not allowed": (
        asking({"kind": "callable", "function": "os:getcwd"}), "/agents/0/agent", "BENCHMARK_LOCAL_CALLABLES",
    ),
    "a program not allowed": (
        asking({"kind": "subprocess", "command": ["/bin/cat"]}), "/agents/0/agent", "BENCHMARK_LOCAL_COMMANDS",
    ),
    "a forbidden folder": (
        definition(dataset={"source": {"kind": "file", "path": "/etc/passwd"}}), "/dataset/source/path",
        "BENCHMARK_LOCAL_FOLDERS",
    ),
    "no place for an agent": (definition(agents=[{"name": "a"}]), "/agents/0/agent", "'agent'"),
}  # fmt: skip
"""What is posted, the place that the problem points at, and a part of its sentence."""


@pytest.mark.parametrize("case", REFUSED)
async def test_a_mistake_that_can_be_seen_is_refused_with_its_place(user: User, case: str) -> None:
    body, pointer, says = REFUSED[case]
    answer = await user.http.post("/v1/runs", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    [mistake, *_] = answer.json()["errors"]
    assert mistake["pointer"] == pointer
    assert says in mistake["detail"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("broken.jsonl", b'{"input": "a"}\n{"input": "b"\n', "Line 2: it is not JSON"),
        ("list.jsonl", b'{"input": "a"}\n["b"]\n', "Line 2: "),
        ("latin.csv", b"input,expected\ncaf\xe9,x\n", "Line 2: it is not UTF-8"),
        ("ragged.csv", b"input,expected\na,b\nc\n", "Line 3: it has 1 values for 2 columns"),
        ("empty.jsonl", b"", "has no rows"),
        ("unknown.xlsx", b"PK", "does not tell its format"),
        ("not.parquet", b"PAR1 but not really", "parquet"),
    ],
)
async def test_a_broken_file_is_refused_with_its_line(user: User, name: str, content: bytes, says: str) -> None:
    answer = await user.http.post("/v1/datasets", files={"file": (name, content)})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    assert says.lower() in answer.json()["detail"].lower()


async def test_an_oversized_body_is_refused(user: User, deployment: Deployment) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b" " * 1024**2

    answer = await user.http.post("/v1/runs", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert "limit" in answer.json()["detail"]


def misbehaving(asked: Asked) -> Behaviour:
    """A model's failings by its name, a file's by its path."""
    if asked.method == "GET":
        return FILES[asked.path]
    return MODELS[asked.body["model"]]


MODELS: dict[str, Behaviour] = {
    "missing": Status(404, "The model `missing` does not exist.", code="model_not_found"),
    "locked": Status(401, "Incorrect API key provided: sk-***.", code="invalid_api_key"),
    "spent": Status(429, "You exceeded your current quota.", code="insufficient_quota"),
    "picky": Status(400, "Only haiku, please."),
    "broken": Status(500, "Oops."),
    "busy": Status(429, "Slow down.", headers={"Retry-After": "0"}),
    "babbling": Sends(b"<html>Welcome!</html>"),
    "silent": Hangs(),
}
FILES: dict[str, Behaviour] = {
    "/gone.jsonl": Status(404),
    "/page.jsonl": Sends(b"<!doctype html>\n<html>Please sign in.</html>"),
    "/half.jsonl": Sends(b'{"input": "a"}\n{"input": b}\n'),
    "/private.jsonl": Status(403),
}
AGENTS: dict[str, tuple[dict[str, Any], str]] = {
    "unreachable": (OPENAI, "127.0.0.1:1 does not accept connections"),
    "no such host": (OPENAI | {"base_url": "http://models.invalid/v1"}, "models.invalid cannot be found"),
    "unknown model": ({"model": "missing"}, "The model `missing` does not exist. Check the agent's `model`"),
    "wrong key": ({"model": "locked"}, "Incorrect API key provided: sk-***. Check the agent's key."),
    "refuses every request": ({"model": "picky"}, "No question got an answer; the last of 3: 127.0.0.1 answered 400"),
    "fails on its side": ({"model": "broken"}, "No question got an answer; the last of 3: 127.0.0.1 answered 500"),
    "always throttles": ({"model": "busy"}, "No question got an answer; the last of 3: 127.0.0.1 answered 429"),
    "speaks another language": ({"model": "babbling"}, "The answer is not JSON"),
    "never answers": ({"model": "silent"}, "gave no complete answer within 1 s"),
    "private address": (OPENAI | {"base_url": "http://10.1.2.3/v1"}, "may add it"),
    "metadata service": ({"kind": "http", "url": "http://169.254.169.254/", "answer": "a"}, "is not a public address"),
    "unknown credential": ({"credential": "nobody"}, "There is no credential 'nobody'. Store it with POST"),
}
"""The agent's settings (those of an OpenAI model at the provider, unless it has a kind), and a part of the cause."""


@pytest.mark.parametrize("case", AGENTS)
async def test_an_agent_that_cannot_work_fails_the_run_with_its_cause(user: User, case: str) -> None:
    settings, says = AGENTS[case]
    async with Provider(misbehaving) as provider:
        agent = settings if "kind" in settings else OPENAI | {"base_url": provider.url} | settings
        run = await user.ended(await user.submit(asking(agent, timeout_s=1)), within_s=45)
    assert (run["status"], run["validity"]) == ("failed", "invalid")
    assert says in run["error"]
    assert run["error"] == run["agents"][0]["error"]


async def test_an_account_without_quota_pauses_the_run_with_its_cause(user: User) -> None:
    async with Provider(misbehaving) as provider:
        run_id = await user.submit(asking(OPENAI | {"base_url": provider.url, "model": "spent"}, timeout_s=1))
        run = await user.until(run_id, "paused", "failed", "completed", within_s=45)
        while run["error"] is None:
            # The workflow tells of its pause before the reason is in the record.
            run = await user.run(run_id)
    assert run["status"] == "paused"
    assert "The account has no credit or quota left." in run["error"]


async def test_an_agent_that_cannot_work_costs_the_others_nothing(user: User) -> None:
    agents = [{"name": "bad", "agent": OPENAI, "max_attempts": 1}, {"name": "good", "agent": {"kind": "simulated"}}]
    run = await user.ended(await user.submit(definition(agents=agents)))
    assert (run["status"], run["validity"]) == ("completed", "partial")
    assert [agent["status"] for agent in run["agents"]] == ["failed", "completed"]
    assert "does not accept connections" in run["error"]


DATA: dict[str, tuple[dict[str, Any], str]] = {
    "an address without a file": ({"source": {"kind": "url", "url": "/gone.jsonl"}}, "has no such file (HTTP 404)"),
    "a page instead of data": ({"source": {"kind": "url", "url": "/page.jsonl"}}, "Line 1: it is not JSON"),
    "half a file": ({"source": {"kind": "url", "url": "/half.jsonl"}}, "Line 2: it is not JSON"),
    "a locked file": ({"source": {"kind": "url", "url": "/private.jsonl"}}, "HTTP 403"),
    "a private address": ({"source": {"kind": "url", "url": "http://10.0.0.7/x.jsonl"}}, "BENCHMARK_NETWORK_ALLOW"),
    "a missing file": ({"source": {"kind": "file", "path": "{files}/nowhere.csv"}}, "There is no file"),
    "a wrong mapping": (
        {"source": {"kind": "file", "path": "{files}/sums.csv"}, "fields": {"input": "prompt"}},
        "Line 2: there is no column 'prompt' for `input`; the columns are: a, expected, input.",
    ),
    "nothing to compare with": (
        {"source": {"kind": "file", "path": "{files}/sums.csv"}, "fields": {"expected": ""}},
        "No answer could be judged; the last of 1: Case '1' has no expected answer; map one with `fields.expected`.",
    ),
    "an unknown category": (
        {"source": {"kind": "inline", "rows": [{"input": "a", "category": "x"}]}, "categories": ["y"]},
        "No case is of the category 'y'; the categories are: x.",
    ),
}


@pytest.mark.parametrize("case", DATA)
async def test_data_that_cannot_be_used_fails_the_run_with_its_cause(
    user: User, deployment: Deployment, case: str
) -> None:
    (deployment.files / "sums.csv").write_text("a,input,expected\n1,1 + 1,2\n")
    async with Provider(misbehaving) as provider:
        dataset, says = DATA[case]
        text = json.dumps(dataset).replace("{files}", str(deployment.files))
        placed = json.loads(text.replace('"url": "/', f'"url": "{provider.root}/'))
        run = await user.ended(await user.submit(definition(dataset=placed)), within_s=30)
    assert run["status"] == "failed"
    assert says in run["error"]


async def test_a_stored_dataset_whose_bytes_are_lost_fails_the_run(user: User, deployment: Deployment) -> None:
    content = b'{"input": "only here", "expected": "x"}\n'
    stored = (await user.http.post("/v1/datasets", files={"file": ("lost.jsonl", content)})).json()
    await asyncio.to_thread((deployment.folder / "objects" / stored["object_key"]).unlink)
    run = await user.ended(await user.submit(definition(dataset={"source": {"kind": "uploaded", "name": "lost"}})))
    assert run["status"] == "failed"
    assert stored["object_key"] in run["error"]
