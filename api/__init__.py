"""The FastAPI application: transport over the same models."""
