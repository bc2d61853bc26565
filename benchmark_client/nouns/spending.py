"""What runs may use: estimates, budgets, prices, and the limits of provider keys."""

from collections.abc import Sequence
from pathlib import Path

from benchmark_client.documents import Body
from benchmark_client.models.answer import Page
from benchmark_client.models.budgets import Account
from benchmark_client.models.limits import KeyView, LimitRule
from benchmark_client.models.prices import OperatorPrice, PriceView
from benchmark_client.models.runs import Estimate
from benchmark_client.modes import M
from benchmark_client.nouns.noun import Noun
from benchmark_client.nouns.run_request import run_request
from benchmark_client.requests import Call, delete, following, get, given, name, post, put
from benchmark_client.series import Series, listing
from benchmark_client.verbs import ListVerb, Verb


class Estimates(Noun[M]):
    @Verb
    def create(
        self,
        definition: Body | None = None,
        *,
        file: str | Path | None = None,
        benchmark: str | None = None,
        agents: Sequence[Body | str] | None = None,
        overrides: Body | None = None,
        folder: str | None = None,
    ) -> Call[Estimate]:
        """What `runs.create` would start: cases, calls, tokens, US dollars and seconds. Nothing is started."""
        rest = {"agents": agents, "overrides": overrides, "folder": folder}
        return Call(run_request(definition, file, benchmark, rest, dry_run=True), Estimate)


class Budgets(Noun[M]):
    """The project's; that of a run is read by `runs.budget` and set by `runs.amend`."""

    @Verb
    def get(self) -> Call[Account]:
        """What the project may spend, and has spent. Raises NotFound."""
        return Call(get("/v1/budget"), Account)

    @Verb
    def set(
        self,
        *,
        max_usd: float | None = None,
        max_tokens: int | None = None,
        max_calls: int | None = None,
        unknown_price: str | None = None,
        revision: int | None = None,
    ) -> Call[Account]:
        """Over all runs. `unknown_price` says whether to `stop` at answers without a price or to `ignore` them."""
        body = given(max_usd=max_usd, max_tokens=max_tokens, max_calls=max_calls, unknown_price=unknown_price)
        return Call(following(put("/v1/budget", body), revision), Account)

    @Verb
    def delete(self, *, revision: int | None = None) -> Call[None]:
        """The project may spend what it likes."""
        return Call(following(delete("/v1/budget"), revision), type(None))


class Prices(Noun[M]):
    @ListVerb
    def list(self, *, most: int | None = None) -> Series[OperatorPrice]:
        """Those that were set here."""
        return listing(Page[OperatorPrice], get("/v1/prices"), most)

    @Verb
    def get(self, model: str, *, base_url: str | None = None) -> Call[PriceView]:
        """What an answer of the model costs, wherever the price is from. Raises NotFound."""
        return Call(get(f"/v1/prices/{name(model)}", base_url=base_url), PriceView)

    @Verb
    def set(
        self, model: str, *, input: float, output: float, base_url: str, revision: int | None = None
    ) -> Call[OperatorPrice]:
        """In US dollars per million tokens, at that server."""
        body = {"input": input, "output": output, "base_url": base_url}
        return Call(following(put(f"/v1/prices/{name(model)}", body), revision), OperatorPrice)

    @Verb
    def delete(self, model: str, *, base_url: str, revision: int | None = None) -> Call[None]:
        """From then on the built-in table's holds, if it has one."""
        return Call(following(delete(f"/v1/prices/{name(model)}", base_url=base_url), revision), type(None))


class Limits(Noun[M]):
    @ListVerb
    def list(self, *, most: int | None = None) -> Series[KeyView]:
        """Every provider key that calls went by, with its limits and who uses it."""
        return listing(Page[KeyView], get("/v1/limits"), most)

    @Verb
    def set(
        self,
        origin: str,
        *,
        credential: str | None = None,
        model: str | None = None,
        in_flight: int | None = None,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        revision: int | None = None,
    ) -> Call[LimitRule]:
        """For all runs and workers together, at that server; of one credential or model only, where they are told."""
        rates = given(requests_per_minute=requests_per_minute, tokens_per_minute=tokens_per_minute)
        body = given(origin=origin, credential=credential, model=model, in_flight=in_flight) | rates
        return Call(following(post("/v1/limits", body), revision), LimitRule)

    @ListVerb
    def rules(self, *, most: int | None = None) -> Series[LimitRule]:
        """As they were set."""
        return listing(Page[LimitRule], get("/v1/limits/rules"), most)

    @Verb
    def rule(self, rule_id: str) -> Call[LimitRule]:
        """Raises NotFound."""
        return Call(get(f"/v1/limits/rules/{name(rule_id)}"), LimitRule)

    @Verb
    def delete(self, rule_id: str, *, revision: int | None = None) -> Call[None]:
        """Keys that it limited are free, or fall under a rule that says less about them."""
        return Call(following(delete(f"/v1/limits/rules/{name(rule_id)}"), revision), type(None))

    @Verb
    def reset(self, key_id: str) -> Call[None]:
        """Forgets what was found out about a key; rules stay."""
        return Call(post(f"/v1/limits/{name(key_id)}/reset"), type(None))
