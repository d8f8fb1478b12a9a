"""How a node reaches the others: Zenoh (https://zenoh.io), held to one interface, one protocol and one key.

A node listens on the address of one interface and calls the addresses it was given, over that interface. It looks for
nobody: Zenoh's multicast scouting opens a UDP socket on all interfaces, whichever it is told to use (seen with 1.10.2),
and its gossip calls whatever address another node names. What passes is put and delete on the field's own keys, and
subscriptions to them; everything else is refused at either end, and on a router for everybody.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emohost.errors import FieldError

if TYPE_CHECKING:
    import zenoh

# A peer calls the others and is called by them. A router passes on what its clients and other routers say. A client
# calls a router, and listens for nobody. Peers do not pass on what others say, and a router not what peers say.
ROLES = ("peer", "client", "router")
LOOPBACK = "loopback"
PORT = 7447
KEYS = "emohost/field/1"
LEASE_MS = 2000  # without a sign of life, after which a connection is given up and tried anew
RETRY_MS = (200, 1000)  # first and longest pause before that
MAX_MESSAGE = 1024  # bytes that are put together from fragments
ROUTER_SESSIONS = 16384


@dataclass(frozen=True)
class Credentials:
    """PEM files. Both ends of a connection show a certificate of `authority`."""

    authority: Path
    certificate: Path
    key: Path
    allow: tuple[str, ...] | None = None  # common names that are listened to; None: all of that authority


@dataclass(frozen=True)
class FieldSettings:
    """The rig's `bridge.field`."""

    name: str = "stage"
    interface: str = LOOPBACK
    port: int = PORT  # 0: any
    connect: tuple[str, ...] = ()  # "host" or "host:port"
    role: str = "peer"  # of ROLES
    influence: float = 0.25
    tls: Credentials | None = None

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> FieldSettings:
        """From the section's plain values (`enabled` aside)."""
        tls = section.get("tls")
        return cls(
            name=section["name"],
            interface=section["interface"],
            port=section["port"],
            connect=tuple(section["connect"]),
            role=section["role"],
            influence=section["influence"],
            tls=None
            if tls is None
            else Credentials(
                Path(tls["authority"]),
                Path(tls["certificate"]),
                Path(tls["key"]),
                None if tls["allow"] is None else tuple(tls["allow"]),
            ),
        )

    @property
    def keys(self) -> str:
        """The keys of the field's nodes."""
        return f"{KEYS}/{self.name}/*"

    def key(self, node: str) -> str:
        return f"{KEYS}/{self.name}/{node}"


class NotOpenError(FieldError):
    """It cannot be opened now, but may be later: the port is in use, no router answers a client."""


def load_zenoh() -> Any:
    """The module. Raises FieldError that names the extra."""
    try:
        import zenoh
    except ImportError as error:
        raise FieldError(
            f"the field needs Zenoh, which cannot be loaded ({error}); install it with: pip install 'emohost[field]'"
        ) from None
    return zenoh


def check(settings: FieldSettings) -> str:
    """What the field would use, without opening it. Raises FieldError: no Zenoh, no such interface, a certificate that
    cannot be read."""
    if importlib.util.find_spec("zenoh") is None:
        load_zenoh()
    address = address_of(settings.interface)
    zenoh_settings(settings, address)
    return f"field '{settings.name}', {settings.role} on {settings.interface} ({address}), {_guard(settings)}"


def _guard(settings: FieldSettings) -> str:
    if settings.tls is not None:
        return "encrypted, for certificates of " + (", ".join(settings.tls.allow or ()) or "its authority")
    return "neither encrypted nor authenticated"


def open_session(settings: FieldSettings) -> zenoh.Session:
    """Raises FieldError as `check`, and NotOpenError."""
    module = load_zenoh()
    config = module.Config()
    for key, value in zenoh_settings(settings, address_of(settings.interface)).items():
        config.insert_json5(key, json.dumps(value))
    try:
        session: zenoh.Session = module.open(config)
    except module.ZError as error:
        why = str(error).partition("\n")[0].partition(" at /")[0].strip()
        raise NotOpenError(f"the field cannot be opened on {settings.interface}: {why}") from None
    return session


def zenoh_settings(settings: FieldSettings, address: str) -> dict[str, Any]:
    """Zenoh's configuration, by key; the same for `zenohd`. Raises FieldError for a file that is not there."""
    protocol = "tcp" if settings.tls is None else "tls"
    own = _endpoint(address, settings.port)
    calls = [each for each in map(_called, settings.connect) if each != own]
    bound = f"#iface={_device(settings.interface)}" if sys.platform == "linux" else ""
    return {
        "mode": settings.role,
        "listen/endpoints": [] if settings.role == "client" else [f"{protocol}/{own}{bound}"],
        "connect/endpoints": [
            f"{protocol}/{call}{bound or f'#bind={_endpoint(address, 0)}'}" for call in calls
        ],
        # Peers and routers go on trying in the background. A client opens when it has a router, or not at all.
        "connect/timeout_ms": {"router": -1, "peer": -1, "client": 0},
        "connect/exit_on_failure": False,
        "connect/retry": {
            "period_init_ms": RETRY_MS[0],
            "period_max_ms": RETRY_MS[1],
            "period_increase_factor": 2,
        },
        "scouting/multicast/enabled": False,
        "scouting/gossip/enabled": False,
        "adminspace/enabled": False,
        "plugins_loading/enabled": False,
        "transport/shared_memory/enabled": False,
        "transport/link/protocols": [protocol],
        "transport/link/tx/lease": LEASE_MS,
        "transport/link/rx/max_message_size": MAX_MESSAGE,
        "access_control": _access(settings),
        **({"transport/unicast/max_sessions": ROUTER_SESSIONS} if settings.role == "router" else {}),
        **({} if settings.tls is None else {"transport/link/tls": _tls(settings.tls)}),
    }


def address_of(interface: str) -> str:
    """The address that an interface is reached by, IPv4 if it has one. Raises FieldError, which lists what there is."""
    if interface == LOOPBACK:
        return "127.0.0.1"
    try:
        import psutil
    except ImportError as error:
        raise FieldError(
            f"the field needs psutil ({error}); install it with: pip install 'emohost[field]'"
        ) from None
    found = psutil.net_if_addrs()
    if interface not in found:
        raise FieldError(
            f"bridge.field.interface: found no interface '{interface}'; "
            f"expected {LOOPBACK} or one of {', '.join(sorted(found))}"
        )
    addresses = []
    for entry in found[interface]:
        try:
            addresses.append(ipaddress.ip_address(entry.address))
        except ValueError:  # a hardware address, or one that holds on this link alone (fe80::1%eth0)
            continue
    usable = [address for address in addresses if not address.is_link_local or address.version == 4]
    if not usable:
        raise FieldError(f"bridge.field.interface: {interface} has no address yet; is it up?")
    return str(min(usable, key=lambda address: address.version))


def _device(interface: str) -> str:
    return "lo" if interface == LOOPBACK else interface


def _endpoint(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _called(call: str) -> str:
    """'host', 'host:port', '[address]' or '[address]:port' with the port that is meant."""
    has_port = ":" in call.rpartition("]")[2]
    return call if has_port else f"{call}:{PORT}"


def _access(settings: FieldSettings) -> dict[str, Any]:
    subject: dict[str, Any] = {"id": "nodes"}
    if settings.tls is not None and settings.tls.allow is not None:
        subject["cert_common_names"] = list(settings.tls.allow)
    return {
        "enabled": True,
        "default_permission": "deny",
        "rules": [
            {
                "id": "field",
                "permission": "allow",
                "messages": ["put", "delete", "declare_subscriber"],
                "flows": ["ingress", "egress"],
                "key_exprs": [settings.keys],
            }
        ],
        "subjects": [subject],
        "policies": [{"rules": ["field"], "subjects": ["nodes"]}],
    }


def _tls(tls: Credentials) -> dict[str, Any]:
    for what, path in (("authority", tls.authority), ("certificate", tls.certificate), ("key", tls.key)):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise FieldError(f"bridge.field.tls.{what}: {path}: {error.strerror}") from None
        if b"-----BEGIN " not in content:
            raise FieldError(f"bridge.field.tls.{what}: {path}: found no PEM; expected '-----BEGIN …'")
    return {
        "root_ca_certificate": str(tls.authority),
        "listen_certificate": str(tls.certificate),
        "listen_private_key": str(tls.key),
        "connect_certificate": str(tls.certificate),
        "connect_private_key": str(tls.key),
        "enable_mtls": True,
        "verify_name_on_connect": True,
        "close_link_on_expiration": True,
    }
