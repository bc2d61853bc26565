"""OpenAI's Evals API, as its clients speak it, over our benchmarks, runs and datasets."""
