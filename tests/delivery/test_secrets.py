"""Planted secrets are found nowhere: not in the store, logs, errors, exports, journal or process list."""

import contextlib
import io
import json
import logging
import os
import sys
import traceback
from pathlib import Path

import pytest

from chainwatch.cli.main import main
from chainwatch.notify import addresses
from chainwatch.notify.secrets import Keyring, new_key, read_keys, write_keys
from chainwatch.problem import Problem
from chainwatch.settings import Settings
from chainwatch.store import channels
from tests.delivery.receiver import Receiver, status
from tests.delivery.world import KEY, LOOPBACK, World, event, make_store

PLANTED = [f"planted{number:02}x{number * 7919:06}" for number in range(50)]


def _urls(port: int) -> list[str]:
    """Ten of each kind: user, password, path, own header, parameter."""
    base = f"127.0.0.1:{port}"
    return [
        *(f"json://{one}:x@{base}/a" for one in PLANTED[:10]),
        *(f"json://u:{one}@{base}/b" for one in PLANTED[10:20]),
        *(f"json://{base}/c/{one}" for one in PLANTED[20:30]),
        *(f"form://{base}/d?+X-Token={one}" for one in PLANTED[30:40]),
        *(f"json://{base}/e?-token={one}" for one in PLANTED[40:]),
    ]


def _holds(text: str) -> list[str]:
    return [one for one in PLANTED if one in text]


@pytest.mark.slow
def test_fifty_secrets_are_found_nowhere(
    world: World, receiver: Receiver, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(1)
    logging.getLogger().setLevel(1)
    answers = [status(200), status(500), status(404), status(429, Retry_After="1"), status(401)]
    receiver.usual = lambda handler, hit: answers[hash(hit.path) % 5](handler, hit)
    seen: list[str] = []
    for number, url in enumerate(_urls(receiver.port)):
        channel = world.channel(url, f"c{number}")
        seen += [repr(channel), repr(addresses.read(url, LOOPBACK))]
    world.subscribe(*(f"c{number}" for number in range(50)))
    world.happen(event())
    for _ in range(3):
        world.dispatch()
        seen += [Path(path).read_text("utf-8", "replace") for path in _command_lines()]
        world.wait(minutes=5)
    assert len({one for hit in receiver.hits for one in _holds(str(hit.headers) + hit.path)}) >= 30, (
        "the secrets were used"
    )
    store = str(world.database.url.database)
    seen += [Path(store + end).read_bytes().decode("latin-1") for end in ("", "-wal")]
    output = capsys.readouterr()
    seen += [output.out, output.err, caplog.text]
    assert not _holds("\n".join(seen))


def _command_lines() -> list[str]:
    mine = {str(os.getpid())}
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            parent = (path.parent / "stat").read_text().rsplit(")", 1)[1].split()[1]
            if parent in mine:
                found += [str(path), str(path.parent / "environ")]
    return found


def test_errors_never_quote_an_address() -> None:
    for number, url in enumerate(_urls(9)):
        bad = url.replace("127.0.0.1", "10.0.0.1") if number % 2 else url + "?template=/etc/passwd"
        with pytest.raises(Problem) as refused:
            addresses.read(bad, LOOPBACK)
        trace = "".join(traceback.format_exception(refused.value))
        assert not _holds(trace + str(refused.value.cure))


def test_commands_never_show_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHAINWATCH_HOME", str(tmp_path))
    monkeypatch.setenv("CHAINWATCH_ALLOW_NETWORKS", "127.0.0.0/8")
    make_store(tmp_path).close()
    urls = _urls(9)
    monkeypatch.setattr(sys, "stdin", io.StringIO(urls[0] + "\n"))
    assert main(["channels", "add", "-", "--name", "a", "--tag", "ops"]) == 0
    (tmp_path / "address").write_text(urls[21], encoding="utf-8")
    assert main(["subscribe", "--to", f"@{tmp_path / 'address'}", "--to", "tag:ops", "--name", "s", "--yes"]) == 0
    assert main(["channels", "add", urls[12].replace("127.0.0.1", "10.0.0.1")]) == 1
    assert main(["channels", "add", f"discord://{PLANTED[3]}"]) == 1
    for command in (
        ["channels", "list", "--json"], ["channels", "show", "a", "--json"], ["subscriptions", "list", "--json"],
        ["subscriptions", "show", "s", "--json"], ["subscriptions", "export"], ["channels", "new-key"],
        ["channels", "list"],
    ):  # fmt: skip
        assert main(command) == 0, command
    shown = capsys.readouterr()
    assert '"masked": "json 127.0.0.1:9"' in shown.out
    assert not _holds(shown.out + shown.err)


def test_an_address_opens_only_with_its_key_and_for_its_channel() -> None:
    ring = Keyring([KEY])
    secret = ring.encrypt("json://u:p@host/", "ch-1")
    assert b"host" not in secret
    assert ring.decrypt(secret, "ch-1") == "json://u:p@host/"
    assert ring.encrypt("json://u:p@host/", "ch-1") != secret
    for other, channel in ((ring, "ch-2"), (Keyring([new_key()]), "ch-1")):
        with pytest.raises(Problem, match="does not open"):
            other.decrypt(secret, channel)
    with pytest.raises(Problem, match="does not open"):
        ring.decrypt(secret[:-1] + bytes([secret[-1] ^ 1]), "ch-1")


def test_during_a_change_of_keys_both_open() -> None:
    old, new = new_key(), new_key()
    secret = Keyring([old]).encrypt("json://host/", "ch-1")
    assert Keyring([new, old]).decrypt(secret, "ch-1") == "json://host/"
    assert Keyring([new]).decrypt(Keyring([new, old]).encrypt("x://y", "ch-1"), "ch-1") == "x://y"


def test_a_short_key_is_refused() -> None:
    with pytest.raises(Problem, match="shorter"):
        Keyring(["short"])


def test_the_key_file_is_its_owners_only(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    keys = read_keys(settings, create=True)
    path = tmp_path / "secret.key"
    assert path.stat().st_mode & 0o777 == 0o600
    write_keys(path, [new_key(), *keys])
    assert read_keys(settings)[1:] == keys
    assert path.stat().st_mode & 0o777 == 0o600


def test_signing_keys_differ_by_channel() -> None:
    ring = Keyring([KEY])
    assert ring.signing_key("ch-1") != ring.signing_key("ch-2")
    assert ring.signing_key("ch-1") == Keyring([KEY]).signing_key("ch-1")


def test_what_is_journalled_of_a_channel_holds_no_address(world: World) -> None:
    world.channel(f"json://u:{PLANTED[0]}@127.0.0.1:9/{PLANTED[1]}")
    with world.database.read() as connection:
        rows = connection.exec_driver_sql("select body from journal").scalars().all()
        assert json.loads(rows[-1]) == {"channel": "ch-one", "masked": "json 127.0.0.1:9"}
        secret = channels.address(connection, "ch-one")
    assert secret is not None
    assert not _holds(secret.decode("latin-1"))
