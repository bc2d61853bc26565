"""A side process for tests: answers with what it is asked, and misbehaves on request."""

import json
import os
import sys
import time


def serve() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        question = json.loads(line)
        if question == "die":
            os._exit(1)
        if question == "hang":
            time.sleep(60)
        sys.stdout.write(json.dumps(sorted(os.environ) if question == "variables" else question) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
