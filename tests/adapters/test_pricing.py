"""What an answer costs, and when nobody can say."""

import pytest

from adapters.pricing import Pricing
from core.benchmarks import Price
from core.cases import Usage

OPENAI = "https://api.openai.com/v1"
MILLION_EACH = Usage(input_tokens=1_000_000, output_tokens=1_000_000)


def test_a_known_model_of_a_known_provider_has_the_tables_price() -> None:
    cost = Pricing(None, api_url=OPENAI).cost_usd("gpt-4o", MILLION_EACH)
    assert cost == pytest.approx(2.50 + 10.00)


def test_a_dated_model_name_has_its_models_price() -> None:
    cost = Pricing(None, api_url="https://api.anthropic.com").cost_usd("claude-sonnet-4-5-20250929", MILLION_EACH)
    assert cost is not None
    assert cost > 0


def test_cached_input_costs_less() -> None:
    pricing = Pricing(None, api_url=OPENAI)
    cached = pricing.cost_usd("gpt-4o", MILLION_EACH.model_copy(update={"cached_input_tokens": 1_000_000}))
    assert cached == pytest.approx(1.25 + 10.00)


@pytest.mark.parametrize(
    ("api_url", "model", "usage"),
    [
        (OPENAI, "a-model-of-our-own", MILLION_EACH),
        (OPENAI, None, MILLION_EACH),
        (OPENAI, "gpt-4o", Usage(input_tokens=5)),
        (OPENAI, "gpt-4o", Usage()),
        ("https://models.example.com/v1", "gpt-4o", MILLION_EACH),
        ("http://127.0.0.1:8080/v1", "gpt-4o", MILLION_EACH),
    ],
)
def test_an_unknown_price_is_none_and_never_free(api_url: str, model: str | None, usage: Usage) -> None:
    pricing = Pricing(None, api_url=api_url)
    assert pricing.cost_usd(model, usage) is None
    assert pricing.cost_usd(model, usage) is None


def test_an_explicit_price_overrides_the_table() -> None:
    pricing = Pricing(Price(input=0.5, output=2.0), api_url=OPENAI)
    assert pricing.cost_usd("gpt-4o", MILLION_EACH) == pytest.approx(2.5)
    assert pricing.cost_usd(None, Usage(input_tokens=10, output_tokens=0)) == pytest.approx(5e-6)
    assert pricing.cost_usd("gpt-4o", Usage(input_tokens=10)) is None


def test_a_price_of_zero_is_free_and_not_unknown() -> None:
    assert Pricing(Price(input=0, output=0), api_url=OPENAI).cost_usd("gpt-4o", MILLION_EACH) == 0
