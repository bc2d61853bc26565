"""The shared vocabulary: models, errors, ports and the plugin registry. Pure: no I/O, no framework."""
