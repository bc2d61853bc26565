"""A program that speaks JSON lines and misbehaves when its question tells it to. Run by the tests of subprocesses."""

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

HELD: list[dict[str, Any]] = []


def write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def answer(asked: dict[str, Any], **fields: Any) -> None:
    write(json.dumps({"id": asked["id"], **fields}))


def scripted(name: str) -> dict[str, str]:
    return {
        "nan": f'{{"id": "{name}", "text": "x", "score": NaN}}',
        "half": f'{{"id": "{name}", "text": "\\ud800"}}',
        "nul": f'{{"id": "{name}", "text": "a\\u0000b"}}',
        "number": f'{{"id": "{name}", "text": 5}}',
        "empty": f'{{"id": "{name}"}}',
        "rich": f'{{"id": "{name}", "text": "42", "model": "own", "finish_reason": "stop", '
        '"usage": {"input_tokens": 3, "output_tokens": 4}}',
        "refuse": f'{{"id": "{name}", "error": "not this one"}}',
        "no call": f'{{"id": "{name}", "tool_calls": ["geometry.area"]}}',
        "busy": f'{{"id": "{name}", "error": "come again", "transient": true}}',
    }


def stop(how: str) -> None:
    if how == "hang":
        time.sleep(60)
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stderr.write("the model file is gone\n")
    sys.exit(3)


def obey(asked: dict[str, Any]) -> None:
    text = asked["text"]
    if (line := scripted(asked["id"]).get(text)) is not None:
        return write(line)
    match text:
        case "die" | "killed" | "hang":
            stop(text)
        case "long":
            answer(asked, text="x" * 20_000_000)
        case "hold" | "silence":
            HELD.extend([asked] if text == "hold" else [])
        case "tools":
            answer(asked, tool_calls=[{"name": tool["name"], "arguments": {"base": 10}} for tool in asked["tools"]])
        case "environment":
            answer(asked, text=" ".join(sorted(os.environ)))
        case "chat":
            write("loading the model ...")
            write('{"id": "nobody", "text": "stray"}')
            answer(asked, text="42")
        case "child":
            child = subprocess.Popen(["sleep", "60"])
            answer(asked, text=f"{os.getpid()} {child.pid}")
        case _:
            answer(asked, text=f"{os.getpid()} {text} {len(asked['messages'])}")
            while HELD:
                answer(HELD.pop(), text="held")


def main() -> None:
    if sys.argv[1:] == ["broken"]:
        sys.exit("no weights found")
    if sys.argv[1:] == ["deaf"]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(1)
    for line in sys.stdin:
        obey(json.loads(line))


if __name__ == "__main__":
    main()
