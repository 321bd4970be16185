"""Real receivers on this machine: mail by SMTP, MQTT by mosquitto, forms and XML: seen arriving."""

import asyncio
import email
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message as Mail
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiosmtpd.controller import Controller

from chainwatch.models import EventKind
from chainwatch.models.schedule import Schedule
from tests.delivery.receiver import Receiver
from tests.delivery.world import START, World, event


class Mailbox:
    """Keeps the mails that an SMTP server accepts."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], Mail]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        self.mails.append((list(envelope.rcpt_tos), email.message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), _free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()
        asyncio.set_event_loop(None)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _html(mail: Mail) -> str:
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/html"]
    return bytes(part.get_payload(decode=True)).decode()


def test_a_mail_arrives_with_escaped_html_and_one_subject(world: World) -> None:
    with mail_server() as (box, port):
        world.channel(f"mailto://127.0.0.1:{port}?from=cw@sender.example&to=reader@reader.example")
        world.subscribe("one")
        hostile = "智能物联<script>\r\nBcc: victim@evil.example"
        world.happen(event(hostile))
        world.dispatch()
    [(recipients, mail)] = box.mails
    assert recipients == ["reader@reader.example"]
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("【首见】智能物联<script>")
    body = _html(mail)
    assert "&lt;script&gt;" in body
    assert "<script" not in body
    assert "到2025年" in body
    assert f"事件 {event(hostile).id}" in body


def test_a_weekly_digest_arrives_by_mail(world: World) -> None:
    with mail_server() as (box, port):
        world.channel(f"mailto://127.0.0.1:{port}?from=cw@sender.example&to=reader@reader.example")
        world.subscribe("one", schedule=Schedule(every="week", at="08:00", weekday=1), language="en")
        world.happen(event("甲"), event("乙", EventKind.POLICY_NEW))
        world.now = START.replace(day=23, hour=8)
        world.dispatch()
    [(_recipients, mail)] = box.mails
    assert mail["Subject"].startswith("2 items: First seen 甲")
    assert "<h3>[First seen] 乙</h3>" in _html(mail)


@pytest.mark.parametrize("schema", ["form", "xml"])
def test_other_posts_of_apprise_arrive(world: World, receiver: Receiver, schema: str) -> None:
    world.channel(receiver.url("/x", schema))
    world.subscribe("one")
    world.happen(event())
    world.dispatch()
    [hit] = receiver.hits
    text = parse_qs(hit.body.decode())["message"][0] if schema == "form" else hit.body.decode()
    assert "【首见】智能物联 规模" in text


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    port = _free_port()
    (folder / "mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n", encoding="utf-8")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    process = subprocess.Popen([program, "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("mosquitto") is None and not Path("/usr/sbin/mosquitto").exists(), reason="mosquitto is not installed"
)
def test_mqtt_arrives_where_the_operator_allows_it(world: World, tmp_path: Path) -> None:
    mqtt = pytest.importorskip("paho.mqtt.client")
    with mosquitto(tmp_path) as port:
        arrived: list[bytes] = []
        heard, ready = threading.Event(), threading.Event()
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        client.on_subscribe = lambda *_: ready.set()

        def on_message(_client: Any, _data: Any, message: Any) -> None:
            arrived.append(message.payload)
            heard.set()

        client.on_message = on_message
        client.connect("127.0.0.1", port)
        client.subscribe("alerts/#")
        client.loop_start()
        try:
            assert ready.wait(10)
            world.channel(f"mqtt://127.0.0.1:{port}/alerts/iot")
            world.subscribe("one")
            world.happen(event())
            world.dispatch()
            assert heard.wait(10)
        finally:
            client.disconnect()
            client.loop_stop()
    assert "【首见】智能物联 规模" in arrived[0].decode()
