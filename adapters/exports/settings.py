"""What exporters are told besides the run."""

from core.plugins import PluginSettings


class NoSettings(PluginSettings):
    """Formats are what they are: nothing is set."""
