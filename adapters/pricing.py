"""What an answer costs: an explicit price, else the offline price table of genai-prices. Unknown is None, never 0."""

from core.benchmarks import Price
from core.cases import Usage

MILLION = 1_000_000


class Pricing:
    """Made once per agent. `api_url` tells the provider whose prices apply."""

    def __init__(self, price: Price | None, *, api_url: str) -> None:
        self._price = price
        self._api_url = api_url
        # Who sells answers does so over https; for anything else the table need not even be loaded.
        self._unknown: set[str] | None = set() if api_url.startswith("https://") else None

    def load(self) -> None:
        """Reads the table if it is needed (0.4 s), so that the first answer does not have to wait for it."""
        if self._price is None and self._unknown is not None:
            self._from_table("", Usage(input_tokens=0, output_tokens=0), set())

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
