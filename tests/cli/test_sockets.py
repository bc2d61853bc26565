"""Loopback ports that stay free between being chosen and being listened on."""

from cli.embedded.sockets import EPHEMERAL, LOWEST, Ports, free_port, is_free
from tests.cli.alive import listening


def test_a_chosen_port_is_free_and_is_none_that_an_outgoing_connection_could_get() -> None:
    first = int(EPHEMERAL.read_text().split()[0])
    for _ in range(200):
        port = free_port()
        assert LOWEST <= port < first
        assert is_free(port)


def test_a_preferred_port_is_taken_only_while_it_is_free() -> None:
    port = free_port()
    assert free_port([port]) == port
    with listening(port):
        assert free_port([port]) != port


def test_what_one_supervisor_has_chosen_no_other_chooses_before_anybody_listens() -> None:
    with Ports() as ours, Ports() as theirs:
        port = ours.take()
        assert theirs.take(port) != port
    with Ports() as later:
        assert later.take(port) == port
