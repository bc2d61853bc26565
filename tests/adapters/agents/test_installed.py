"""The agents' door: every built-in kind is installed, described, and refuses what it does not know."""

import pytest

from core.errors import InvalidPlugin
from core.plugins import PluginSpec, installed, settings_of

KINDS = ["anthropic", "callable", "http", "openai", "simulated", "subprocess"]


def test_every_built_in_kind_is_installed() -> None:
    assert set(KINDS) <= set(installed("agents"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_is_described(kind: str) -> None:
    plugin = installed("agents")[kind]
    assert plugin.summary
    undescribed = [name for name, field in plugin.settings.model_fields.items() if not field.description]
    assert undescribed == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_json_schema_and_no_room_for_a_key(kind: str) -> None:
    properties = installed("agents")[kind].settings.model_json_schema()["properties"]
    assert not {"api_key", "key", "token", "password", "secret"} & set(properties)


def test_a_misspelled_setting_is_named_with_those_that_exist() -> None:
    spec = PluginSpec.model_validate({"kind": "openai", "model": "m", "temprature": 0})
    with pytest.raises(InvalidPlugin, match=r"temprature.*Its settings are: .*temperature"):
        settings_of("agents", spec, pointer="/agents/0/agent")
