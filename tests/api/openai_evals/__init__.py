"""OpenAI's own client against our API: only `base_url` and `api_key` say that it is ours."""
