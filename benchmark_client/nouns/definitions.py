"""What is stored by name for later runs: benchmarks, agents and datasets; and what kinds of things are installed."""

from pathlib import Path

from pydantic import JsonValue

from benchmark_client.documents import Body, document
from benchmark_client.models.agents import AgentView, Reply
from benchmark_client.models.answer import Page
from benchmark_client.models.benchmarks import BenchmarkView
from benchmark_client.models.catalogue import Kinds, ReadyMades
from benchmark_client.modes import M
from benchmark_client.nouns.noun import Noun
from benchmark_client.requests import TRIAL_S, Call, get, name, post, unkeyed
from benchmark_client.series import Series, listing
from benchmark_client.verbs import ListVerb, Verb


class Benchmarks(Noun[M]):
    @Verb
    def create(self, definition: Body | None = None, *, file: str | Path | None = None) -> Call[BenchmarkView]:
        """Stores a definition, or one in a file (YAML or JSON), under its name. Raises Invalid."""
        return Call(post("/v1/benchmarks", one_body(definition, file)), BenchmarkView)

    @ListVerb
    def list(self, *, most: int | None = None) -> Series[BenchmarkView]:
        """The newest version of each, by name."""
        return listing(Page[BenchmarkView], get("/v1/benchmarks"), most)

    @Verb
    def get(self, benchmark: str, *, version: int | None = None) -> Call[BenchmarkView]:
        """By name, `name@version` or id. Raises NotFound."""
        return Call(get(f"/v1/benchmarks/{name(benchmark)}", version=version), BenchmarkView)

    @ListVerb
    def versions(self, benchmark: str, *, most: int | None = None) -> Series[BenchmarkView]:
        """The newest first."""
        return listing(Page[BenchmarkView], get(f"/v1/benchmarks/{name(benchmark)}/versions"), most)

    @Verb
    def ready_made(self) -> Call[ReadyMades]:
        """Those that come with the service."""
        return Call(get("/v1/benchmarks/ready-made"), ReadyMades)

    @Verb
    def schema(self) -> Call[dict[str, JsonValue]]:
        """The JSON Schema of a definition."""
        return Call(get("/v1/schemas/benchmark.json"), dict[str, JsonValue])


class Agents(Noun[M]):
    @Verb
    def create(self, agent: Body | None = None, *, file: str | Path | None = None) -> Call[AgentView]:
        """Stores an agent, or one in a file (YAML or JSON), under its name. Raises Invalid."""
        return Call(post("/v1/agents", one_body(agent, file)), AgentView)

    @ListVerb
    def list(self, *, most: int | None = None) -> Series[AgentView]:
        """The newest version of each, by name."""
        return listing(Page[AgentView], get("/v1/agents"), most)

    @Verb
    def get(self, agent: str, *, version: int | None = None) -> Call[AgentView]:
        """By name, `name@version` or id. Raises NotFound."""
        return Call(get(f"/v1/agents/{name(agent)}", version=version), AgentView)

    @ListVerb
    def versions(self, agent: str, *, most: int | None = None) -> Series[AgentView]:
        """The newest first."""
        return listing(Page[AgentView], get(f"/v1/agents/{name(agent)}/versions"), most)

    @Verb
    def try_out(self, agent: Body | str, question: str = "Reply with the word ready.") -> Call[Reply]:
        """Asks an agent, spelled out or stored, one question. Never asks twice. Raises AgentFailed, AgentUnusable."""
        if isinstance(agent, str):
            return Call(unkeyed(f"/v1/agents/{name(agent)}/test", {"question": question}, TRIAL_S), Reply)
        return Call(unkeyed("/v1/agents/test", {"agent": agent, "question": question}, TRIAL_S), Reply)

    @Verb
    def kinds(self) -> Call[Kinds]:
        """The installed kinds, each with the JSON Schema of its settings."""
        return Call(get("/v1/agents/kinds"), Kinds)


class Evaluators(Noun[M]):
    @Verb
    def list(self) -> Call[Kinds]:
        """The installed kinds, each with the JSON Schema of its settings."""
        return Call(get("/v1/evaluators"), Kinds)


def one_body(body: Body | None, file: str | Path | None) -> object:
    """What to send of the two. Raises TypeError unless exactly one is told."""
    if (body is None) == (file is None):
        raise TypeError("Give either what to send or `file`.")
    return body if file is None else document(file)
