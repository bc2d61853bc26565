"""Ids of what a request makes. With an `Idempotency-Key`, who takes the request over makes the same thing."""

from starlette.requests import Request

from api.idempotency import new_run_id


def new_eval_id(request: Request) -> str:
    return f"eval_{new_run_id(request).removeprefix('run_')}"


def new_file_id(request: Request) -> str:
    return f"file_{new_run_id(request).removeprefix('run_')}"
