"""Which addresses may be used: 200 hostile ones are refused with a reason that never quotes them."""

import socket
from ipaddress import ip_network

import pytest

from chainwatch.notify import addresses
from chainwatch.notify.addresses import Policy
from chainwatch.notify.job import Job, Outcome
from chainwatch.notify.pool import Pool
from chainwatch.notify.services import DENIED, DROPPED_KEYS, LIMITS, RAW_SOCKETS, REFUSED_KEYS
from chainwatch.problem import Problem
from tests.delivery.world import LOOPBACK

SECRET = "hunter2hunter2"
INWARD = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",
    "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "[::1]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[fc00::1]", "[fd12:3456::1]", "[64:ff9b::7f00:1]",
    "[64:ff9b::a00:1]", "[2002:7f00:1::]", "[2002:a00:1::1]", "10.0.0.1", "10.255.255.255", "172.16.0.1",
    "172.31.255.254", "192.168.0.1", "192.168.1.254", "169.254.169.254", "100.64.0.1", "100.127.255.254", "224.0.0.1",
    "239.255.255.250", "255.255.255.255", "192.0.0.1", "198.18.0.1", "240.0.0.1", "0xa9fea9fe", "2852039166",
    "3232235521", "167772161", "012.0.0.1", "0xc0a80001",
]  # fmt: skip
SCHEMAS = ["json", "jsons", "form", "xml"]
HOSTILE = [
    *(f"{schema}://user:{SECRET}@{host}/path" for schema in SCHEMAS[:3] for host in INWARD),
    *(f"{schema}://{SECRET}" for schema in DENIED),
    *(f"{schema}://user:{SECRET}@host.example/topic" for schema in sorted(RAW_SOCKETS)),
    *(f"discord://1234567890/{SECRET}abcdefghij?{key}=/etc/passwd" for key in REFUSED_KEYS),
    f"json://news.example/?redirect=yes&x={SECRET}",
    f"json://news.example/?verify=no&x={SECRET}",
    f"jsons://news.example/?Redirect=True&x={SECRET}",
    f"json://news.example/?%72edirect=yes&x={SECRET}",
    f"discord://1234567890/{SECRET}abcdefghij?+X-Header=1",
    f"discord://1234567890/{SECRET}abcdefghij?%74emplate=file:///etc/passwd",
    f"discord://1234567890/{SECRET}abcdefghij?te%6Dplate=http://127.0.0.1/",
    f"mailto://user:{SECRET}@mail.example?smtp=127.0.0.1",
    f"mailto://user:{SECRET}@mail.example?smtp=localhost",
    f"mailto://user:{SECRET}@mail.example?smtp=[::1]",
    f"ntfy://user:{SECRET}@127.0.0.1/topic",
    f"ntfy://user:{SECRET}@localhost/topic",
    f"matrix://user:{SECRET}@192.168.0.1/room",
    f"gotify://10.0.0.1/{SECRET}",
    f"mmost://127.0.0.1/{SECRET}",
    f"rocket://user:{SECRET}@169.254.169.254/room",
    f"bark://127.0.0.1/{SECRET}",
    f"json://news.example/{SECRET},syslog://",
    f"json://news.example/{SECRET} file:///etc/passwd",
    f"json://news.example/{SECRET};exec://id",
    f"json://news.example/{SECRET}\nsyslog://",
    f"json://news.example/\x00{SECRET}",
    f"/etc/passwd#{SECRET}",
    f"{SECRET}",
    f"nosuchservice://{SECRET}",
    f"config://{SECRET}",
    "json://" + "a" * 5_000,
]


def test_there_are_two_hundred_hostile_addresses() -> None:
    assert len(set(HOSTILE)) >= 200


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_addresses_are_refused_with_a_reason(url: str) -> None:
    with pytest.raises(Problem) as refused:
        addresses.read(url, Policy())
    assert len(str(refused.value)) > len("channel address: this address may not be used: ")
    assert SECRET not in str(refused.value) + str(refused.value.cure) + repr(refused.value.__cause__)


@pytest.mark.parametrize(
    ("url", "masked", "text_format"),
    [
        (f"json://user:{SECRET}@127.0.0.1:8080/{SECRET}", "json 127.0.0.1:8080", "text"),
        (f"mailto://user:{SECRET}@127.0.0.1:2525?from=a@b.example&to=c@d.example", "mailto 127.0.0.1:2525", "html"),
        (f"dingtalk://{SECRET}/", "dingtalk (DingTalk)", "text"),
        ("wecombot://" + SECRET, "wecombot (WeCom Bot)", "text"),
        (f"tgram://123456789:{SECRET}/12315544/", "tgram (Telegram)", "html"),
        (f"bark://127.0.0.1/{SECRET}", "bark 127.0.0.1", "text"),
        (f"mqtt://user:{SECRET}@127.0.0.1/topic", "mqtt 127.0.0.1", "text"),
        ("terminal://", "terminal", "text"),
    ],
)
def test_allowed_addresses_are_masked(url: str, masked: str, text_format: str) -> None:
    address = addresses.read(url, LOOPBACK)
    assert (address.masked.removesuffix(":1883"), address.text_format) == (masked, text_format)
    assert SECRET not in repr(address)


def test_what_the_sender_decides_is_taken_out_and_told() -> None:
    keys = "&".join(f"{key}=1" for key in sorted(DROPPED_KEYS - {"verify", "redirect"}))
    address = addresses.read(f"json://127.0.0.1/?{keys}&-keep=1&verify=yes&redirect=no", LOOPBACK)
    assert set(address.dropped) == DROPPED_KEYS
    assert address.url == "json://127.0.0.1/?-keep=1"


def test_an_allowed_network_opens_that_network_only() -> None:
    policy = Policy((ip_network("192.168.7.0/24"),))
    assert addresses.read("json://192.168.7.9/", policy).masked == "json 192.168.7.9"
    with pytest.raises(Problem):
        addresses.read("json://192.168.8.9/", policy)


def test_services_named_in_our_lists_exist_in_apprise() -> None:
    known = set(addresses.schemas())
    ours = {"terminal", "notify", "file", "exec", "script", "python", "config", "include", "http", "https"}
    assert set(LIMITS) - known == set()
    assert RAW_SOCKETS - known == set()
    assert set(DENIED) - known - ours == set()


def test_a_name_that_leads_inward_only_when_connecting_is_refused_there() -> None:
    name = next((one for one in (socket.gethostname(), "ip6-localhost") if _is_inward(one)), None)
    if name is None:
        pytest.skip("this machine has no further name for its loopback address")
    url = f"mailto://user:{SECRET}@mail.example?smtp={name}&from=a@b.example&to=c@d.example&port=9"
    assert addresses.read(url, Policy()).service == "mailto"
    with Pool(Policy(), size=1, seconds=5.0) as strict:
        strict.submit(Job("m", url, "title", "body"), "ticket")
        results = [result for _ticket, result in strict.collect(5.0)]
    assert [result.outcome for result in results] == [Outcome.UNUSABLE]
    assert "it leads to an inward address" in results[0].detail
    assert SECRET not in repr(results)


def _is_inward(name: str) -> bool:
    try:
        found = socket.getaddrinfo(name, None)
    except OSError:
        return False
    return all(str(item[4][0]) in {"127.0.0.1", "127.0.1.1", "::1"} for item in found)
