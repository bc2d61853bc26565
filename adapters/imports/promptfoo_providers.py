"""promptfoo's providers as agents."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from adapters.imports.names import named
from adapters.imports.remarks import Remarks
from core.errors import InvalidInput

SETTINGS: Final[Mapping[str, str]] = {
    "temperature": "temperature",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "top_p": "top_p",
    "seed": "seed",
    "apiBaseUrl": "base_url",
}
TYPES: Final = frozenset({"chat", "messages", "responses", "completion"})
COMPATIBLE: Final[Mapping[str, str]] = {
    "ollama": "http://localhost:11434/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "groq": "https://api.groq.com/openai/v1",
    "mistral": "https://api.mistral.ai/v1",
    "deepseek": "https://api.deepseek.com/v1",
    "togetherai": "https://api.together.xyz/v1",
    "vllm": "http://localhost:8000/v1",
}
"""Providers that speak OpenAI's language, and where."""
UNTAKEN: Final[Mapping[str, frozenset[str]]] = {"anthropic": frozenset({"seed"})}
SECRETS: Final = frozenset({"apiKey", "apiKeyEnvar"})


def agents_of(told: Any, remarks: Remarks) -> list[dict[str, Any]]:
    """Each of another name; none where nobody can be carried over, and then a remark says so."""
    listed: list[Any] = cast("list[Any]", told) if isinstance(told, list) else [told] if told else []
    found: list[dict[str, Any]] = []
    for each in listed:
        for provider, config, label in _named(each):
            agent = _agent(provider, config, label, remarks)
            if agent is not None:
                while agent["name"] in [other["name"] for other in found]:
                    agent["name"] = named(f"{agent['name'][:90]} again", "agent")
                found.append(agent)
    if not found:
        remarks.add("No provider could be carried over: say whom to ask with --agent, or in the file.")
    return found


def _named(told: Any) -> Iterator[tuple[str, Mapping[str, Any], str | None]]:
    """Its id, settings and label. A provider is a text, `{id, config}`, or `{<id>: {config}}`."""
    if isinstance(told, str):
        yield told, {}, None
    elif isinstance(told, dict):
        fields = cast("dict[str, Any]", told)
        if "id" in fields:
            yield str(fields["id"]), _settings(fields), fields.get("label")
        else:
            for name, inner in fields.items():
                more = cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}
                yield str(name), _settings(more), more.get("label")


def _settings(provider: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises InvalidInput for settings that are none."""
    told: Any = provider.get("config") or {}
    if not isinstance(told, dict):
        raise InvalidInput(f"The `config` of a provider is an object of settings, not {told!r}.")
    return cast("dict[str, Any]", told)


def agent_settings(provider: str) -> dict[str, Any] | None:
    """Kind, model and address of a provider's id; None for one that has no counterpart."""
    vendor, _, rest = provider.partition(":")
    kind, _, model = rest.partition(":")
    if kind not in TYPES or not model:
        model = rest
    if not model:
        return None
    if vendor in ("openai", "anthropic"):
        return {"kind": vendor, "model": model}
    if vendor in COMPATIBLE:
        return {"kind": "openai", "model": model, "base_url": COMPATIBLE[vendor]}
    return None


def _agent(provider: str, config: Mapping[str, Any], label: str | None, remarks: Remarks) -> dict[str, Any] | None:
    settings = agent_settings(provider)
    if settings is None:
        remarks.add(f"The provider {provider!r} has no counterpart here and was left out; --agent can take its place.")
        return None
    for name, value in config.items():
        ours = SETTINGS.get(name)
        if name in SECRETS:
            remarks.add(
                f"The key of {provider!r} was left out: keys come from the worker's environment or a credential."
            )
        elif ours is None or ours in UNTAKEN.get(settings["kind"], ()):
            remarks.add(f"The setting {name!r} of {provider!r} was left out.")
        else:
            settings[ours] = value
    return {"name": named(label or settings["model"], "agent"), "agent": settings}
