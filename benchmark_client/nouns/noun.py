"""What all nouns have in common."""

from benchmark_client.modes import Bound, M, Port, bind


class Noun(Bound[M]):
    """One kind of thing in the service, with what can be done with it."""

    def __init__(self, port: Port) -> None:
        bind(self, port)
