"""Services: which kinds of channels may be used, which words of an address are refused or dropped, and their limits.

Data about Apprise 2.2; `tests/delivery/test_addresses.py` holds it against the installed version.
"""

from typing import Literal, NamedTuple

TERMINAL = "terminal"
"""Our own service: writes the text to the dispatcher's own terminal."""
WEBHOOK = frozenset({"json", "jsons"})
"""Sent by ourselves as signed CloudEvents, so that status and Retry-After are seen."""

DENIED: dict[str, str] = {
    **dict.fromkeys(
        ("syslog", "dbus", "kde", "qt", "glib", "gio", "gnome", "macosx", "windows", "blink1", "growl", "notify"),
        "acts on this machine itself",
    ),
    **dict.fromkeys(("apprise", "apprises"), "hands messages on to further addresses"),
    **dict.fromkeys(("vapid", "fcm"), "reads a key file of this machine"),
    **dict.fromkeys(
        ("deltachat", "deltachats", "nostr", "session", "sessions"),
        "keeps state of its own on this machine",
    ),
    **dict.fromkeys(("file", "exec", "script", "python", "config", "include", "http", "https"), "is no service"),
}
"""Schema → why it is never used."""

RAW_SOCKETS = frozenset({"rsyslog", "irc", "ircs", "smpp", "smpps", "amqp", "amqps", "mqtt", "mqtts", "xmpp", "xmpps"})
"""Schemas that speak to any port of any host: only where the setting allow_services names them."""

REFUSED_KEYS: dict[str, str] = {
    "template": "names a file or an inner address",
    "keyfile": "names a file or an inner address",
    "subfile": "names a file or an inner address",
    "include": "names a file or an inner address",
    "config": "names a file or an inner address",
    "attach": "names a file or an inner address",
    "attachment": "names a file or an inner address",
    "store": "writes to this machine",
    "pgp": "reads keys of this machine",
    "pgpkey": "reads keys of this machine",
    "pgppub": "reads keys of this machine",
    "pem": "reads keys of this machine",
    "pemfile": "reads keys of this machine",
    "image": "fetches a further address",
}
"""Keys of the query part that are refused with a reason."""

REFUSED_YES = {"redirect": "would lead to another address"}
"""Keys refused when they say yes."""
REFUSED_NO = {"verify": "would trust any certificate"}
"""Keys refused when they say no."""

DROPPED_KEYS = frozenset({"optional", "retry", "wait", "cto", "rto", "overflow", "redirect", "verify", "timeout", "tz"})
"""Keys taken out: retries, times and splitting are decided here, for all channels alike."""

HEADER_SERVICES = frozenset({"json", "jsons", "form", "forms", "xml", "xmls"})
"""Services whose addresses may carry own headers (`+Name=value`)."""


class Limit(NamedTuple):
    """How long one body may be."""

    size: int
    unit: Literal["bytes", "utf16"]


LIMITS: dict[str, Limit] = {
    "dingtalk": Limit(19_500, "bytes"),
    "feishu": Limit(19_500, "bytes"),
    "lark": Limit(19_500, "bytes"),
    "wecombot": Limit(2_048, "bytes"),
    "tgram": Limit(4_096, "utf16"),
    "discord": Limit(2_000, "utf16"),
    "ntfy": Limit(4_096, "bytes"),
    "ntfys": Limit(4_096, "bytes"),
    "pushplus": Limit(19_500, "bytes"),
}
"""What a service takes. For others the length that Apprise gives is counted in bytes, which is never too long."""

UNLIMITED = frozenset({"json", "jsons", "form", "forms", "xml", "xmls", "mailto", "mailtos", TERMINAL})
"""Services that take a message whole, up to LONGEST."""
LONGEST = Limit(200_000, "bytes")

RATES: dict[str, int] = {"dingtalk": 18, "wecombot": 18, "feishu": 60, "lark": 60, "tgram": 18, "discord": 25}
"""Messages a minute that a service bears, where it is known."""
