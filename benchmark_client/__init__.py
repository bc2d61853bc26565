"""The AI Benchmark Service from Python: start with `benchmark_client.client`."""
