"""The guard refuses every way to a private address, and permits what the operator allows."""

import socket

import pytest

from adapters.network.guard import AddressRefused, NetworkGuard
from core.errors import InvalidInput

PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.0.9",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2001:0:53aa:64c::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not NetworkGuard().permits(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_permitted(address: str) -> None:
    assert NetworkGuard().permits(address)


def test_allowing_loopback_allows_nothing_else() -> None:
    guard = NetworkGuard(["loopback"])
    assert guard.permits("127.0.0.1")
    assert guard.permits("::1")
    assert not guard.permits("10.0.0.1")
    assert not guard.permits("::ffff:127.0.0.1")


def test_allowing_private_networks_leaves_the_metadata_service_refused() -> None:
    guard = NetworkGuard(["private"])
    assert guard.permits("10.0.0.1")
    assert guard.permits("fd00::1")
    assert not guard.permits("169.254.169.254")
    assert not guard.permits("127.0.0.1")


def test_a_network_and_a_single_address_can_be_allowed() -> None:
    guard = NetworkGuard(["10.1.0.0/16", "192.168.7.7"])
    assert guard.permits("10.1.2.3")
    assert guard.permits("192.168.7.7")
    assert not guard.permits("10.2.0.1")
    assert not guard.permits("192.168.7.8")


def test_a_word_that_is_no_network_is_refused_with_what_would_be_right() -> None:
    with pytest.raises(InvalidInput, match=r"'localhost'.*10\.1\.0\.0/16.*loopback and private"):
        NetworkGuard(["localhost"])


def test_no_socket_is_made_for_a_refused_address() -> None:
    with pytest.raises(AddressRefused):
        NetworkGuard().make_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80)))
