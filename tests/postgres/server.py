"""A real PostgreSQL server for tests: own folder and loopback port, run as an ordinary user, stopped by its pid."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.kafka.broker import free_ports

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


def require_server() -> Path:
    """Folder of the server's programs; the test is skipped, saying how to get them, where they are absent."""
    if BINARIES:
        return BINARIES[-1].parent
    found = shutil.which("postgres")
    if found is None:
        pytest.skip("no PostgreSQL server: run tools/real_parts.sh")
    return Path(found).parent


class Server:
    """One cluster with one superuser, `chainwatch`, who needs no password from this machine."""

    def __init__(self, folder: Path) -> None:
        self.programs = require_server()
        self.folder = folder
        (self.port,) = free_ports(1)
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        # The server refuses to run as root: it gets the user that Debian's package made.
        self._user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
            for parent in folder.parents:
                if parent.stat().st_mode & 0o001 == 0 and parent.stat().st_uid == 0:
                    parent.chmod(parent.stat().st_mode | 0o011)
        self._run("initdb", "-D", "data", "-U", "chainwatch", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://chainwatch@127.0.0.1:{self.port}/{database}"

    def start(self, patience: float = 30.0) -> None:
        """Start, and wait until it answers."""
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 60,
            "shared_buffers": "64MB",
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "out.txt").open("ab") as out:
            self.process = self._popen([str(self.programs / "postgres"), "-D", "data", *arguments], out.fileno())
        deadline = time.monotonic() + patience
        while True:
            with suppress(psycopg.OperationalError):
                psycopg.connect(host="127.0.0.1", port=self.port, user="chainwatch", dbname="postgres").close()
                return
            assert self.process.poll() is None, (self.folder / "out.txt").read_text()
            assert time.monotonic() < deadline, "PostgreSQL did not answer"
            time.sleep(0.1)

    def create(self, database: str) -> str:
        """A new, empty database; its URL."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="chainwatch", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(database)))
        return self.url(database)

    def kill(self) -> None:
        """As a crash would: the server and all its children at once."""
        if self.process is not None and self.process.poll() is None:
            family = self.family()
            self.signal(signal.SIGKILL)
            self.process.wait()
            while any(Path(f"/proc/{pid}").exists() for pid in family):
                time.sleep(0.01)
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def signal(self, number: int) -> None:
        """Send a signal to the server and all its children (each has a session of its own)."""
        for pid in self.family():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def family(self) -> list[int]:
        """The server's process and its children."""
        assert self.process is not None
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def stop(self) -> None:
        """Fast shutdown."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def _popen(self, command: list[str], out: int) -> subprocess.Popen[bytes]:
        user = self._user
        return subprocess.Popen(
            command,
            cwd=self.folder,
            stdout=out,
            stderr=out,
            start_new_session=True,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )

    def _run(self, program: str, *arguments: str) -> None:
        with (self.folder / "out.txt").open("ab") as out:
            done = self._popen([str(self.programs / program), *arguments], out.fileno()).wait(60)
        assert done == 0, (self.folder / "out.txt").read_text()
