"""Which addresses outgoing requests may reach: the public internet, and what the operator allows besides.

The check sits where the socket is made, on the very address that is dialled. Whatever a name resolves to, however
an address is spelled (decimal, octal, hexadecimal, unicode) and however often a name changes its mind, it is the
dialled address that counts, so there is no gap between the check and the connection.
"""

import socket
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from core.errors import InvalidInput

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

NAMED: dict[str, tuple[str, ...]] = {
    "loopback": ("127.0.0.0/8", "::1/128"),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
}
"""Words an operator may write instead of networks. Neither covers the link-local metadata services of clouds."""

TUNNELS_AND_METADATA = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # Azure's platform service, a public address by the registries
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata service is in it
        "192.88.99.0/24",  # 6to4 relays
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped: reaches IPv4 addresses past rules written for IPv4
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64, local use
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local, deprecated
    )
)
"""Refused although `ipaddress` calls several of them global: each leads to an address it does not show."""


class AddressRefused(OSError):
    """The address may not be dialled. An OSError, so that another address of the same name is tried."""


class NetworkGuard:
    """`allow` lists networks (`10.1.0.0/16`), addresses, and the words `loopback` and `private`."""

    def __init__(self, allow: Sequence[str] = ()) -> None:
        self._allowed = tuple(network for entry in allow for network in _networks(entry))
        self._permits = lru_cache(maxsize=4096)(self._judge)

    def permits(self, address: str) -> bool:
        """Whether this literal address may be dialled."""
        return self._permits(address)

    def make_socket(
        self, info: tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]]
    ) -> socket.socket:
        """The socket for a resolved address, in the form of `getaddrinfo`. Raises AddressRefused."""
        family, kind, protocol, _, address = info
        if not self.permits(str(address[0])):
            raise AddressRefused("address refused")
        return socket.socket(family=family, type=kind, proto=protocol)

    def _judge(self, text: str) -> bool:
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return False
        if any(address in network for network in self._allowed):
            return True
        return _is_public(address)


def _is_public(address: Address) -> bool:
    hidden = any(address in network for network in TUNNELS_AND_METADATA)
    return address.is_global and not (address.is_multicast or address.is_reserved or hidden)


def _networks(entry: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(text) for text in NAMED.get(entry, (entry,)))
    except ValueError as error:
        raise InvalidInput(
            f"BENCHMARK_NETWORK_ALLOW has {entry!r}, which is no network; write networks such as 10.1.0.0/16, "
            f"or the words {' and '.join(NAMED)}."
        ) from error
