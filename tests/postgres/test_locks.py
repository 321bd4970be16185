"""A worker that froze or vanished keeps neither the ledger's lock nor its session."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chainwatch.store.database import HOLDER_S, Database, is_outage, ledger_lock

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]


def setting(database: Database, name: str, *, locked: bool) -> str:
    with database.write() as connection:
        if locked:
            ledger_lock(connection)
        return str(connection.execute(text(f"SHOW {name}")).scalar_one())


def test_the_server_looks_after_workers_that_are_gone(database: Database) -> None:
    assert setting(database, "tcp_keepalives_idle", locked=False) == "30"
    assert setting(database, "idle_in_transaction_session_timeout", locked=True) == f"{HOLDER_S // 60}min"
    assert setting(database, "idle_in_transaction_session_timeout", locked=False) == "0", "only of the lock's holder"


def test_a_holder_that_is_frozen_loses_the_lock_and_cannot_commit(database: Database) -> None:
    frozen = database.engine.connect()
    frozen.begin()
    ledger_lock(frozen)
    frozen.exec_driver_sql("SELECT set_config('idle_in_transaction_session_timeout', '300ms', true)")
    with database.write() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
        ledger_lock(connection)
    with pytest.raises(DBAPIError) as caught:
        frozen.exec_driver_sql("SELECT 1")
    assert is_outage(caught.value), "it is to begin its transaction again, under its epoch"
    frozen.close()
