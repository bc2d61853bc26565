"""The worker process: where ports meet adapters."""
