"""An agent as it is typed: `openai:gpt-5-mini`, `openai:my-model,base_url=http://...`, `http:url=http://...`.

What stands before the first `=` is a field of the agent (`name`, `concurrency`, `timeout_s`, `max_attempts`) or
a setting of its kind; a first part without `=` is the model. `loud:` is an agent of that kind without settings.
"""

import re
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from cli.exits import CommandError
from core.benchmarks import AgentSpec
from core.errors import InvalidInput, listed
from core.mistakes import must, own_words
from core.plugins import installed, settings_of

OWN_FIELDS: Final = ("name", "concurrency", "timeout_s", "max_attempts")
NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9 ._:/@+-]+")


def agent_of(text: str) -> AgentSpec | str:
    """The agent typed, or that of a YAML file, or the name of a stored one as it is. Raises CommandError."""
    if text.endswith((".yaml", ".yml", ".json")):
        return _checked(_file(Path(text)), text)
    kind, colon, rest = text.partition(":")
    if not colon:
        return text
    return _checked(_fields(kind, rest), text)


def agent_body(text: str) -> Any:
    """The agent typed, as the API takes it. Raises CommandError."""
    agent = agent_of(text)
    return agent.model_dump(mode="json", exclude_unset=True) if isinstance(agent, AgentSpec) else agent


def _fields(kind: str, rest: str) -> dict[str, Any]:
    own: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    for position, part in enumerate(rest.split(",") if rest else ()):
        key, equals, value = part.partition("=")
        if not equals:
            if position or not part:
                raise CommandError(f"{part!r} in {kind}:{rest} must be written as setting=value.")
            _refuse_model(kind, part)
            settings["model"] = part
        elif key in OWN_FIELDS:
            own[key] = _value(value)
        else:
            settings[key] = _value(value)
    name = str(settings.get("model") or kind)
    return {"name": NOT_IN_NAMES.sub("-", name)[:100], **own, "agent": {"kind": kind, **settings}}


def _refuse_model(kind: str, part: str) -> None:
    """Raises CommandError for a kind that has no models; kinds nobody knows are refused later."""
    known = installed("agents").get(kind)
    if known is None or "model" in known.settings.model_fields:
        return
    names = listed(list(known.settings.model_fields))
    raise CommandError(
        f"Agents of kind {kind!r} have no model, so {part!r} means nothing: write {kind}:setting=value. "
        f"The settings are: {names}."
    )


def _value(text: str) -> Any:
    """A number or a yes and no as such, all else as text."""
    try:
        value: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, int | float) else text


def _file(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text())
    except OSError as error:
        raise CommandError(f"The agent's file {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CommandError(f"The agent's file {path} is not YAML: {error}") from error


def _checked(fields: Any, text: str) -> AgentSpec:
    try:
        spec = AgentSpec.model_validate(fields)
        settings_of("agents", spec.agent)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CommandError(f"The agent {text!r} cannot work: {where!r} {must(first) or own_words(first)}.") from error
    except InvalidInput as error:
        raise CommandError(f"The agent {text!r} cannot work: {error}") from error
    return spec
