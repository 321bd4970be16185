"""Many processes write to one SQLite store: each waits for its turn, none meets "database is locked"."""

import subprocess
import sys
from pathlib import Path

import pytest

from chainwatch.store.database import Database

pytestmark = pytest.mark.slow

PROCESSES, TURNS = 3, 40
COUNTER = """
import sys, time
from chainwatch.store.database import Database

database = Database(sys.argv[1])
for turn in range(int(sys.argv[2])):
    with database.read() as connection:
        connection.exec_driver_sql("SELECT value FROM counter").scalar_one()
    with database.write() as connection:
        value = connection.exec_driver_sql("SELECT value FROM counter").scalar_one()
        if turn == 0:
            time.sleep(0.3)  # held by its reader and writer in one: the others wait
        connection.exec_driver_sql(f"UPDATE counter SET value = {value + 1}")
database.close()
"""


def test_writers_of_many_processes_take_turns(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    database = Database(url)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (value INTEGER)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")
    command = [sys.executable, "-c", COUNTER, url, str(TURNS)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    talks = [process.communicate(timeout=60)[1] for process in running]
    assert talks == [""] * PROCESSES
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT value FROM counter").scalar_one() == PROCESSES * TURNS
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    database.close()
