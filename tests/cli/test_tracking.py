"""`benchmark export --format mlflow`: a run for each agent at the tracking server, once, with its figures and items."""

import pytest

from cli.main import run as typed
from core.metrics import AgentMetrics
from tests.cli import examples
from tests.cli.scripted_api import Answer, ScriptedApi, scripted_api
from tests.cli.tracking_server import Tracked, tracking

RUN = f"/v1/runs/{examples.RUN_ID}"
ITEMS = b"case_id,score\r\nsum-1,1\r\n"


def api_with(found: AgentMetrics | None, status: str = "completed") -> dict[str, list[Answer]]:
    told = examples.told(examples.run("completed", answered=40, evaluated=40, found=found, validity="valid"))
    told["config"]["agents"][0]["agent"]["accuracy"] = 0.75
    told |= {"status": status, "links": {"self": RUN, "ui": f"/ui/runs/{examples.RUN_ID}", "report": None}}
    return {RUN: [Answer(200, told)], f"{RUN}/export": [Answer(200, ITEMS, "text/csv")]}


def tracked(api: ScriptedApi, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        typed(["export", examples.RUN_ID, "--format", "mlflow", "--api", api.url, *words])
    return int(ended.value.code or 0)


def only(server: Tracked) -> dict[str, dict[str, object]]:
    [run] = server.runs.values()
    return run


def test_a_run_is_there_with_figures_settings_dataset_and_items(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "a-token")
    with tracking() as server, scripted_api(api_with(examples.metrics())) as api:
        assert tracked(api, "--to", server.url) == 0
        run = only(server)
        assert server.experiments == {"sums": "1"}
        assert run["info"]["status"] == "FINISHED"
        assert run["tags"]["benchmark.key"] == f"{examples.RUN_ID}/small/1"
        assert run["tags"]["benchmark.page"] == f"{api.url}/ui/runs/{examples.RUN_ID}"
    metrics = run["metrics"]
    assert (metrics["accuracy"], metrics["accuracy_low"], metrics["accuracy_high"]) == (0.75, 0.5, 0.9)
    assert metrics["category/arithmetic"] == 0.75
    assert metrics["latency_s/p95"] == 1.5
    assert metrics["cost_usd/total"] == 0.00123
    assert "cost_usd/per_answer" not in metrics, "what is not known is no zero"
    assert (run["params"]["kind"], run["params"]["accuracy"]) == ("simulated", "0.75")
    assert run["params"]["evaluator.exact"] == '{"kind":"exact"}'
    assert run["datasets"] == [
        {"name": "sums", "digest": "unknown", "source_type": "inline", "source": '{"kind":"inline"}'}
    ]
    assert list(server.files.values()) == [ITEMS]
    assert next(iter(server.files)).endswith(f"/1/{run['info']['run_id']}/artifacts/items.csv")
    assert server.authorization == {"Bearer a-token"}
    assert f"small is at {server.url}/#/experiments/1/runs/" in capsys.readouterr().err


def test_it_is_there_once_and_what_broke_off_is_carried_on(capsys: pytest.CaptureFixture[str]) -> None:
    with tracking() as server, scripted_api(api_with(examples.metrics())) as api:
        server.breaks_at = "/runs/log-inputs"
        assert tracked(api, "--to", server.url) == 5
        assert "INTERNAL_ERROR, The disk is full." in capsys.readouterr().err
        assert only(server)["info"]["status"] == "RUNNING"
        server.breaks_at = ""
        assert tracked(api, "--to", server.url) == 0
        assert only(server)["info"]["status"] == "FINISHED"
        assert tracked(api, "--to", server.url) == 0
        assert len(server.runs) == 1
    assert "small is there already" in capsys.readouterr().err


def test_a_run_that_goes_on_and_a_server_that_is_none_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with scripted_api(api_with(None, "processing")) as api:
        assert tracked(api, "--to", "http://127.0.0.1:1") == 2
        assert "The run is processing" in capsys.readouterr().err
    with scripted_api(api_with(None)) as api:
        assert tracked(api) == 2
        assert "--to http://HOST:PORT" in capsys.readouterr().err
        assert tracked(api, "--to", "http://127.0.0.1:1") == 5
        assert "The tracking server at http://127.0.0.1:1 does not answer" in capsys.readouterr().err
        monkeypatch.setenv("MLFLOW_TRACKING_URI", api.url)
        assert tracked(api) == 5
        assert "not as a tracking server of MLflow does" in capsys.readouterr().err
        with pytest.raises(SystemExit, match="2"):
            typed(["export", examples.RUN_ID, "--to", api.url, "--api", api.url])
