"""What can go wrong with an embedded service, named once.

* EmbeddedError
  - NotInstalled      the package that holds the service is missing; says how to get it
  - ServiceFailed     it did not start, or crashed too often; quotes the end of its log
  - FolderInUse       another `benchmark dev` works in the data folder

Their text is a sentence a person can act on.
"""


class EmbeddedError(Exception):
    """The root."""


class NotInstalled(EmbeddedError):
    """The package that holds the service is missing."""


class ServiceFailed(EmbeddedError):
    """A service did not start, or crashed too often."""


class FolderInUse(EmbeddedError):
    """Another supervisor works in the data folder."""
