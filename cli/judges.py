"""Calibrations of judges: started, watched, listed and shown."""

from pathlib import Path
from typing import Any

from adapters.definitions.calibrations import calibration_schema, read_calibration
from cli.calibration_report import calibration_text, calibrations_table
from cli.client import Client
from cli.connection import connect
from cli.definitions import located_dataset
from cli.exits import CommandError, Exit
from cli.live import watch
from cli.output import put_json, say, show
from cli.steering import conclude
from core.calibrations import Calibration, CalibrationRequest
from core.errors import InvalidInput

PATH = "/v1/judges/calibrations"


def calibrate(api: str | None, file: Path, *, watch_it: bool, as_json: bool) -> Exit:
    """Raises CommandError, also for Ctrl-C."""
    body = _read(file).model_dump(mode="json", exclude_unset=True)
    with connect(api) as client:
        made = client.patient(say).post(PATH, body)
        say(f"Calibration {made['calibration_id']} is on its way; its run: {made['run_id']}")
        if not watch_it:
            if as_json:
                put_json(made)
            return Exit.OK
        return _followed(client, made, as_json=as_json)


def _read(file: Path) -> CalibrationRequest:
    try:
        request = read_calibration(file.read_text("utf-8"), source=str(file))
    except UnicodeDecodeError as error:
        raise CommandError(f"The calibration file {file} is no UTF-8 text.") from error
    except OSError as error:
        raise CommandError(f"The calibration file {file} cannot be read: {error.strerror}.") from error
    except InvalidInput as error:
        raise CommandError(str(error)) from error
    return request.model_copy(update={"dataset": located_dataset(request.dataset, file)})


def _followed(client: Client, made: dict[str, Any], *, as_json: bool) -> Exit:
    run_id, calibration_id = str(made["run_id"]), str(made["calibration_id"])
    try:
        run = watch(client, run_id)
    except KeyboardInterrupt as error:
        raise CommandError(
            f"Detached; the calibration lives on. Its result: benchmark judges show {calibration_id}", Exit.DETACHED
        ) from error
    found = client.get(f"{PATH}/{calibration_id}")
    if as_json:
        put_json(found)
    else:
        show(calibration_text(_calibration(found)))
    return conclude(run, None).code


def list_calibrations(api: str | None, *, limit: int, as_json: bool) -> None:
    with connect(api) as client:
        found = list(client.listing(PATH, most=limit))
    if as_json:
        put_json(found)
    elif not found:
        say("No judge was calibrated yet; start with `benchmark judges calibrate FILE`.")
    else:
        show(calibrations_table([_calibration(each) for each in found]))


def show_calibration(api: str | None, name: str, *, as_json: bool) -> None:
    with connect(api) as client:
        found = client.get(f"{PATH}/{_id_of(client, name)}")
    if as_json:
        put_json(found)
    else:
        show(calibration_text(_calibration(found)))


def print_schema() -> None:
    put_json(calibration_schema())


def _id_of(client: Client, name: str) -> str:
    if name != "latest":
        return name
    for calibration in client.listing(PATH, most=1):
        return str(calibration["calibration_id"])
    raise CommandError("No judge was calibrated yet; start with `benchmark judges calibrate FILE`.")


def _calibration(data: Any) -> Calibration:
    return Calibration.model_validate(data, extra="ignore")
