"""Tests of the REST API, over real PostgreSQL and HTTP."""
