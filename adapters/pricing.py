"""What an answer costs: the agent's own price, else the operator's, else the offline price table of genai-prices.

Unknown is None, never 0.
"""

import asyncio

from adapters.network.target import origin
from core.benchmarks import Price
from core.cases import Usage
from core.prices import KnownPrice, OperatorPrice, Prices

MILLION = 1_000_000


class Pricing:
    """Made once per agent. `api_url` tells the provider whose prices apply, `model` which of the operator's."""

    def __init__(
        self, price: Price | None, *, api_url: str, model: str | None = None, prices: Prices | None = None
    ) -> None:
        self._price = price
        self._api_url = api_url
        self._model = model
        self._prices = prices
        self._operators: OperatorPrice | None = None
        # Who sells answers does so over https; for anything else the table need not even be loaded.
        self._unknown: set[str] | None = set() if api_url.startswith("https://") else None

    async def load(self) -> None:
        """Hears the operator, and reads the table if it is needed (0.4 s): the first answer does not wait for it."""
        if self._price is not None:
            return
        if self._prices is not None and self._model is not None:
            self._operators = await self._prices.of(origin(self._api_url), self._model)
        if self._operators is not None:
            self._price = self._operators.price
        elif self._unknown is not None:
            await asyncio.to_thread(self._from_table, "", Usage(input_tokens=0, output_tokens=0), set[str]())

    async def known(self) -> KnownPrice | None:
        """What the model costs and who says so; None where nobody does."""
        await self.load()
        if self._operators is not None:
            told = self._operators
            return KnownPrice(
                input=told.price.input,
                output=told.price.output,
                source="operator",
                detail=f"Set by the operator for {told.origin}.",
                since=told.set_at,
                revision=told.revision,
            )
        if self._price is not None:
            said = "The agent's own `price`."
            return KnownPrice(input=self._price.input, output=self._price.output, source="agent", detail=said)
        if self._unknown is None or self._model is None:
            return None
        return await asyncio.to_thread(table_price, self._model, self._api_url)

    def cost_usd(self, model: str | None, usage: Usage) -> float | None:
        """US dollars; None when the price, the model or the tokens are not known."""
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        if self._price is not None:
            return (usage.input_tokens * self._price.input + usage.output_tokens * self._price.output) / MILLION
        if self._unknown is None or model is None or model in self._unknown:
            return None
        return self._from_table(model, usage, self._unknown)

    def _from_table(self, model: str, usage: Usage, unknown: set[str]) -> float | None:
        import genai_prices  # 30 MB, needed only by agents that are sold by the token

        tokens = genai_prices.Usage(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cached_input_tokens,
        )
        try:
            return float(genai_prices.calc_price(tokens, model, provider_api_url=self._api_url).total_price)
        except LookupError:
            unknown.add(model)
            return None


def table_price(model: str, api_url: str) -> KnownPrice | None:
    """What the table says the model costs at this address; None where it does not know it."""
    import genai_prices

    def of(**tokens: int) -> float:
        usage = genai_prices.Usage(**{"input_tokens": 0, "output_tokens": 0, **tokens})
        return MILLION * float(genai_prices.calc_price(usage, model, provider_api_url=api_url).total_price)

    try:
        named = genai_prices.calc_price(genai_prices.Usage(input_tokens=1), model, provider_api_url=api_url)
        each, cached = of(input_tokens=1), of(input_tokens=1, cache_read_tokens=1)
        return KnownPrice(
            input=each,
            output=of(output_tokens=1),
            cached_input=None if cached == each else cached,
            source="table",
            detail=f"{named.model.id} of {named.provider.id}, by the table of genai-prices {genai_prices.__version__}.",
        )
    except LookupError:
        return None
