"""The Temporal client: how every process reaches the cluster."""
