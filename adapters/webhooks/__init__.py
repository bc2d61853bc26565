"""Deliveries of webhooks: how events are sent, and by which rules an address is taken."""
