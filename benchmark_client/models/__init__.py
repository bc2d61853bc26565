"""What the API answers, as frozen models: `answer` holds their base, the rest is written from the API."""
