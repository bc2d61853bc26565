"""What runs were made of, told; and a run submitted again as it was."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.client import Client
from cli.connection import connect
from cli.exits import Exit
from cli.figures import NOT_KNOWN
from cli.output import put_json, say, show
from cli.steering import follow, run_id_of
from core.manifests import FieldDifference, KeptManifest


def reproduce_run(api: str | None, run: str, *, allow: Sequence[str], watch_it: bool, as_json: bool) -> Exit:
    with connect(api) as client:
        origin = run_id_of(client, run)
        made = client.patient(say).post(f"/v1/runs/{origin}/reproduce", {"allow": list(allow)})
        again = str(made["run_id"])
        say(f"Run {again} does what {origin} did: {client.address.url}/v1/runs/{again}")
        if not watch_it:
            if as_json:
                put_json(made)
            return Exit.OK
        ended = follow(client, again, bar=None, as_json=as_json).code
        if client.run(origin).status not in ("completed", "cancelled"):
            say(f"Run {origin} ended without figures: there is nothing to hold this one against.")
            return ended
        return ended if ended is not Exit.OK else _held(client, origin, again)


def _held(client: Client, origin: str, again: str) -> Exit:
    found = _differences(client, again, origin)
    if not found:
        say(f"It was made of the same things as {origin}, as far as their manifests tell.")
        return Exit.OK
    say(f"It was not made of the same things as {origin}:")
    show(_table(found, "then", "now"))
    return Exit.BELOW


def show_manifest(api: str | None, run: str, *, against: str | None, as_json: bool) -> None:
    with connect(api) as client:
        run_id = run_id_of(client, run)
        if against is not None:
            found = _differences(client, run_id, run_id_of(client, against))
            if as_json:
                put_json([each.model_dump(mode="json") for each in found])
            elif not found:
                say("The two runs were made of the same things.")
            else:
                show(_table(found, against, run))
            return
        data = client.get(f"/v1/runs/{run_id}/manifest")
    if as_json:
        put_json(data)
    else:
        _tell(KeptManifest.model_validate(data))


def _differences(client: Client, run_id: str, baseline: str) -> list[FieldDifference]:
    found: list[Any] = client.get(f"/v1/runs/{run_id}/manifest/differences", baseline=baseline)["differences"]
    return [FieldDifference.model_validate(each) for each in found]


def _tell(manifest: KeptManifest) -> None:
    code = manifest.software
    lines = [
        ("run", f"{manifest.run_id}, round {manifest.round}; digest {manifest.manifest_digest[:16]}"),
        ("cases", f"{manifest.dataset.cases:,} of {manifest.dataset.spec.source.kind}; {manifest.dataset.case_set}"),
        *((f"agent {name}", _served(part.served)) for name, part in manifest.agents.items()),
        *((f"evaluator {label}", part.version) for label, part in manifest.evaluators.items()),
        ("code", f"{code.release} (build {code.build}), source {code.source[:16]}, Python {code.python}"),
        ("prices", code.price_table),
    ]
    table = Table(box=None, pad_edge=False, show_header=False)
    for what, told in lines:
        table.add_row(what, Text(told))
    show(table)


def _served(served: Sequence[Any]) -> str:
    names = (f"{each.model or NOT_KNOWN} {each.fingerprint or ''}".strip() for each in served)
    return "served by " + (", ".join(names) or "nobody")


def _table(found: Sequence[FieldDifference], before: str, after: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("what", "field", before, after):
        table.add_column(column, overflow="fold")
    for each in found:
        sides = (Text(side if side is not None else NOT_KNOWN) for side in (each.baseline, each.candidate))
        table.add_row(each.part, Text(each.field), *sides)
    return table
