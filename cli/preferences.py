"""Agents head to head: started, watched, listed and shown."""

from pathlib import Path
from typing import Any, NamedTuple

from adapters.definitions.preferences import PreferenceFile, preference_schema, read_preference
from cli.client import Client
from cli.connection import connect
from cli.exits import CommandError, Exit
from cli.live import watch
from cli.output import put_json, say, show
from cli.preference_report import preference_text, preferences_table
from cli.steering import conclude, run_id_of
from core.errors import InvalidInput
from core.preferences import Preference

PATH = "/v1/preferences"


class Wanted(NamedTuple):
    """What was typed; what is None is as the file says."""

    file: Path
    sides: tuple[str, ...]
    """RUN or RUN:AGENT."""
    baseline: str | None
    limit: int | None
    seed: int | None


def start(api: str | None, wanted: Wanted, *, watch_it: bool, as_json: bool) -> Exit:
    """Raises CommandError, also for Ctrl-C."""
    body = _read(wanted.file).model_dump(mode="json", exclude_unset=True)
    body |= {name: getattr(wanted, name) for name in ("baseline", "limit", "seed") if getattr(wanted, name) is not None}
    with connect(api) as client:
        if wanted.sides:
            body["contestants"] = [_entry(client, side) for side in wanted.sides]
        made = client.patient(say).post(PATH, body)
        names = " and ".join(each["name"] for each in made["contestants"])
        say(f"Judges compare the answers of {names}; the run: {made['run_id']}")
        if watch_it:
            return _followed(client, str(made["run_id"]), as_json=as_json)
    if as_json:
        put_json(made)
    return Exit.OK


def _read(file: Path) -> PreferenceFile:
    try:
        return read_preference(file.read_text("utf-8"), source=str(file))
    except UnicodeDecodeError as error:
        raise CommandError(f"The file {file} is no UTF-8 text.") from error
    except OSError as error:
        raise CommandError(f"The file {file} cannot be read: {error.strerror}.") from error
    except InvalidInput as error:
        raise CommandError(str(error)) from error


def _entry(client: Client, side: str) -> dict[str, str]:
    run, _, agent = side.partition(":")
    return {"run_id": run_id_of(client, run)} | ({"agent_id": agent} if agent else {})


def _followed(client: Client, run_id: str, *, as_json: bool) -> Exit:
    try:
        run = watch(client, run_id)
    except KeyboardInterrupt as error:
        raise CommandError(
            f"Detached; the judges go on. Their result: benchmark preferences show {run_id}", Exit.DETACHED
        ) from error
    _show(client.get(f"{PATH}/{run_id}"), as_json=as_json)
    return conclude(run, None).code


def list_preferences(api: str | None, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing(PATH, most=limit))
    if as_json:
        put_json(found)
    elif not found:
        say("Nothing was compared head to head yet; start with `benchmark preferences start FILE RUN`.")
    else:
        show(preferences_table([_preference(each) for each in found]))


def show_preference(api: str | None, name: str, *, as_json: bool) -> None:
    with connect(api) as client:
        _show(client.get(f"{PATH}/{_id_of(client, name)}"), as_json=as_json)


def print_schema() -> None:
    put_json(preference_schema())


def _id_of(client: Client, name: str) -> str:
    if name != "latest":
        return name
    for preference in client.listing(PATH, most=1):
        return str(preference["run_id"])
    raise CommandError("Nothing was compared head to head yet; start with `benchmark preferences start FILE RUN`.")


def _show(found: Any, *, as_json: bool) -> None:
    if as_json:
        put_json(found)
    else:
        show(preference_text(_preference(found)))


def _preference(data: Any) -> Preference:
    return Preference.model_validate(data, extra="ignore")
