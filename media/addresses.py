"""Which hosts a download may talk to. Links come from outside and must not reach inside."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver
from yarl import URL

URL_MAX_CHARACTERS = 4_096
DISCORD_FILE_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_READY_MADE = re.compile(r"[!-~]+")  # already escaped: sent as it is, or a signature would break
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All that IANA has given out for the public internet; what is outside may lead inside by ways of
# its own: ::/96, ::ffff:0:0:0/96 and 64:ff9b:1::/48 stand for IPv4 addresses, fec0::/10 is local.
_PUBLIC_IPV6 = ipaddress.ip_network("2000::/3")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefusedError(OSError):
    """An address that the policy does not allow. An OSError, as aiohttp expects of a resolver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """Whom downloads may ask: public addresses over HTTPS, and what is named here.

    Attributes:
        loopback: Whether this machine itself may be asked as well, also over plain HTTP. For the
            stand-ins only.
        hosts: The only host names allowed, lower case; empty for any.
    """

    loopback: bool = False
    hosts: frozenset[str] = frozenset()

    def allows(self, address: str) -> bool:
        """Whether a connection to this IP address is allowed."""
        try:
            parsed = _unwrapped(ipaddress.ip_address(address))
        except ValueError:
            return False
        if parsed.is_loopback:
            return self.loopback
        if isinstance(parsed, ipaddress.IPv6Address) and parsed not in _PUBLIC_IPV6:
            return False
        return parsed.is_global and not parsed.is_multicast


class CheckingResolver(AbstractResolver):
    """A resolver that gives out allowed addresses only.

    aiohttp connects to exactly the addresses it is given, so a name cannot be checked as one
    address and then connected to as another.
    """

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._resolver = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The allowed addresses of a name.

        Raises:
            AddressRefusedError: It has others only.
            OSError: It could not be resolved.
        """
        try:
            found = await self._resolver.resolve(host, port, family)
        except UnicodeError:  # a label that no name can have
            raise AddressRefusedError("the link's host is not a name") from None
        allowed = [result for result in found if self._policy.allows(result["host"])]
        if not allowed:
            raise AddressRefusedError(f"{host} is at no address that may be asked")
        return allowed

    async def close(self) -> None:
        """Release the resolver beneath."""
        await self._resolver.close()


def checked_url(text: str, policy: AddressPolicy, *, base: URL | None = None) -> URL:
    """A link as a URL, if the policy allows to ask it.

    Names are only compared with the policy's host list here; their addresses are checked when they
    are resolved, by `CheckingResolver`.

    Args:
        text: The link, or a redirect's target.
        policy: What is allowed.
        base: What a relative target is relative to.

    Raises:
        AddressRefusedError: It is no link that may be asked; the reason names the host at most.
    """
    if not text or len(text) > URL_MAX_CHARACTERS or " " in text or not text.isprintable():
        raise AddressRefusedError("the link is not a URL")
    try:
        url = URL(text, encoded=_READY_MADE.fullmatch(text) is not None)
        url = url if base is None else base.join(url)
        host, _ = (url.raw_host or "").lower(), url.port
    except ValueError:
        raise AddressRefusedError("the link is not a URL") from None
    if not host:
        raise AddressRefusedError("the link is not a URL")
    if url.raw_user is not None or url.raw_password is not None:
        raise AddressRefusedError("the link carries a user name or password")
    is_loopback = _is_loopback_name(host)
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback and policy.loopback):
        raise AddressRefusedError(f"the link to {host} is not HTTPS")
    if policy.hosts and host not in policy.hosts and not (is_loopback and policy.loopback):
        raise AddressRefusedError(f"{host} is not a host that may be asked")
    if _is_address(host) and not policy.allows(host):
        raise AddressRefusedError(f"{host} is not an address that may be asked")
    return url


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback_name(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _unwrapped(address: _Address) -> _Address:
    """The IPv4 address inside an IPv6 one, where a router would unwrap it; else the same."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
