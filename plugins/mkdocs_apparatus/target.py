"""An address of the web taken apart as it goes over the wire, and which hosts anybody may ask.

Nothing here uses the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from urllib.parse import quote, urlsplit

Network = IPv4Network | IPv6Network
EVERYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_NAT64 = ip_network("64:ff9b::/96")  # IPv6 addresses that carry an IPv4 one: RFC 6052
_PORTS = (("http", 80), ("https", 443))
_KEPT = "/%:@!$&'()*+,;=~"  # besides letters and digits: RFC 3986


@dataclass(frozen=True, slots=True)
class Target:
    """Where to ask for what: the host in ASCII, the path with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def read(cls, address: str) -> Target | None:
        """Take an address apart; one that is not http or https, or holds a password, is None."""
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
            port = parts.port or dict(_PORTS)[parts.scheme]
            host = host if host.isascii() else host.encode("idna").decode()
        except (KeyError, ValueError):
            return None
        if not host or parts.scheme not in dict(_PORTS) or "@" in parts.netloc:
            return None
        path = quote(parts.path or "/", safe=_KEPT)
        query = quote(parts.query, safe=f"{_KEPT}?")
        return cls(parts.scheme, host, port, f"{path}?{query}" if query else path)

    @property
    def authority(self) -> str:
        """The host as the request names it: with its port, unless that is the usual one."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if (self.scheme, self.port) in _PORTS else f"{name}:{self.port}"


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address belongs to the open network, and so any that it carries inside.

    >>> is_public(IPv4Address("198.41.0.4")), is_public(IPv6Address("::ffff:127.0.0.1"))
    (True, False)
    """
    if isinstance(address, IPv6Address):
        carried = address.ipv4_mapped
        if address in _NAT64 or int(address) < 2**32:
            carried = IPv4Address(int(address) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(carried)
        tunnels = [address.sixtofour, *(address.teredo or ())]
        if address.is_site_local or not all(is_public(one) for one in tunnels if one):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
