"""The small language model answers as the OpenAI client expects."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai.types.chat import ChatCompletion

from cli.embedded.errors import NotInstalled
from cli.embedded.model import MODEL_NAME, ModelServer
from cli.embedded.packages import packaged_file
from cli.embedded.sockets import free_port
from tests.services import running


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    server = ModelServer(port=free_port(), slots=2, threads=1)
    try:
        service = server.service()
    except NotInstalled as error:
        pytest.skip(str(error))
    with running(service, tmp_path_factory.mktemp("model") / "model.log"):
        yield server


async def answer(model: ModelServer, question: str) -> ChatCompletion:
    async with openai.AsyncOpenAI(base_url=model.base_url, api_key="none", max_retries=0) as client:
        return await client.chat.completions.create(
            model=MODEL_NAME, messages=[{"role": "user", "content": question}], max_tokens=16, temperature=0
        )


async def test_a_real_model_answers_and_counts_its_tokens(model: ModelServer) -> None:
    completion = await answer(model, "What is 2+2?")
    assert "4" in (completion.choices[0].message.content or "")
    assert completion.model == MODEL_NAME
    assert completion.usage
    assert completion.usage.prompt_tokens > 10
    assert 0 < completion.usage.completion_tokens <= 16


async def test_more_questions_than_slots_are_all_answered(model: ModelServer) -> None:
    completions = await asyncio.gather(*(answer(model, f"Say the number {n}.") for n in range(5)))
    assert all(completion.choices[0].message.content for completion in completions)


def test_a_missing_package_is_named_with_what_brings_it() -> None:
    with pytest.raises(NotInstalled, match=r"no-such-weights is not installed; install the extra\."):
        packaged_file("no-such-weights", "*.gguf", extra="the extra")


def test_the_server_leaves_when_asked(tmp_path: Path) -> None:
    server = ModelServer(port=free_port(), slots=1)
    try:
        service = server.service()
    except NotInstalled as error:
        pytest.skip(str(error))
    with running(service, tmp_path / "model.log") as process:
        asyncio.run(process.stop())
        assert process.exit_code == 0
