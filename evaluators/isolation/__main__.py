"""The side process from its first moment: tied to its worker before it imports what takes a while."""

import json
import sys
from importlib import import_module

from core.lifeline import end_with

if __name__ == "__main__":
    end_with(json.loads(sys.argv[1])["parent"])
    import_module("evaluators.isolation.program").main()
