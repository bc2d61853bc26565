"""What importers are told besides the file."""

from core.plugins import PluginSettings


class NoSettings(PluginSettings):
    """Files say what they are: nothing is set."""
