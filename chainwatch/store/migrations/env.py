"""Alembic's environment: runs the migrations on the connection that `chainwatch db` hands over."""

from alembic import context

from chainwatch.store import schema
from chainwatch.store.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=schema.alembic_version.name,
    render_as_batch=True,  # SQLite changes a table by copying it
    transaction_per_migration=context.config.attributes["connection"].dialect.name != "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
