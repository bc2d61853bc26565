"""Garbage collection in long-lived processes: what is there for good is looked through no more."""

import gc

YOUNG = 10_000
"""Objects made between two looks at the young ones: many of ours are made in bursts and gone with them."""


def settle_down() -> None:
    """Called once a process has loaded what it works with, and again after it has loaded much more.

    A full collection looks at every object there is. With a million of imported modules that is a pause of 0.3 s, in
    which no call is sent.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
