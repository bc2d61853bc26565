"""The application: its routes, its middleware, and what lives as long as the process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, TypedDict

import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from api import problems
from api.bounds import Bounded
from api.description import describe
from api.leaving import told_to_stop
from api.metering import Metered
from api.middleware import Attended
from api.openai_evals import evals, files, output_items
from api.openai_evals import runs as eval_runs
from api.openai_evals.problems import InOpenAIsWords
from api.routes import (
    agents,
    api_keys,
    attempts,
    audit,
    baselines,
    benchmarks,
    budgets,
    catalogue,
    comparisons,
    credentials,
    datasets,
    events,
    gates,
    judges,
    leaderboards,
    limits,
    manifests,
    meta,
    preferences,
    prices,
    run_amendments,
    run_reports,
    run_reproductions,
    run_results,
    run_steering,
    runs,
    schedules,
    web,
    webhooks,
)
from api.services import Services, open_services
from api.web.refusals import AsPage
from api.web.screening import SCREENS
from core.cancellation import heed_cancellation
from core.settings import Settings
from workflows.watch.watch import watch_runs

SWEEP_S: Final = 3600.0
ROUTERS: Final = (
    # `/v1/agents/kinds` before `/v1/agents/{name}`.
    catalogue,
    runs,
    run_steering,
    run_amendments,
    run_reproductions,
    budgets,
    run_results,
    run_reports,
    events,
    attempts,
    comparisons,
    gates,
    judges,
    preferences,
    leaderboards,
    schedules,
    webhooks,
    baselines,
    manifests,
    evals,
    eval_runs,
    output_items,
    files,
    benchmarks,
    datasets,
    agents,
    credentials,
    limits,
    prices,
    api_keys,
    audit,
    meta,
    web,
)
logger = structlog.get_logger(__name__)


class State(TypedDict):
    services: Services


def create_app(settings: Settings) -> FastAPI:
    """Everything but the server. Nothing is contacted before the first request."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[State]:
        async with open_services(settings) as services:
            tasks = [asyncio.create_task(_sweep(services))]
            if settings.api_watches:
                tasks.append(asyncio.create_task(_watch(services)))
            try:
                with told_to_stop(services.feed.leave):
                    yield State(services=services)
            finally:
                await services.feed.aclose()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    app = FastAPI(
        title="AI Benchmark Service",
        version=meta.installed_version(),
        summary="Durable benchmarks of AI agents.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    for module in (*ROUTERS, *SCREENS):
        app.include_router(module.router)
    problems.install(app)
    # The last are outermost: each request gets its id, and whatever is refused within is counted, and told to clients
    # of OpenAI in their words.
    app.add_middleware(Bounded, max_body_bytes=settings.max_body_bytes)
    app.add_middleware(Metered, settings=settings)
    app.add_middleware(Attended)
    app.add_middleware(InOpenAIsWords)
    app.add_middleware(AsPage)
    app.openapi = partial(describe, app)  # type: ignore[method-assign]
    return app


async def _watch(services: Services) -> None:
    settings = services.settings
    await watch_runs(
        services.temporal, services.engine, task_queue=settings.task_queue, deadline_s=settings.stall_deadline_s
    )


async def _sweep(services: Services) -> None:
    """Removes remembered requests that are too old to be repeated."""
    while True:
        await asyncio.sleep(SWEEP_S)
        try:
            await services.idempotency.forget()
        except (OSError, SQLAlchemyError) as error:
            heed_cancellation()
            logger.warning("sweep_failed", error=str(error))
