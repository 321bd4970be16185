"""Writes the initial migration anew from the declared tables: only before the first release."""

import re
import tempfile
from pathlib import Path

from alembic import command

from chainwatch.store import migrate, schema, search
from chainwatch.store.database import Database

TARGET = migrate.FOLDER / "versions" / f"{schema.REVISION}_initial.py"


def main() -> None:
    """Replace the file."""
    TARGET.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        with database.write() as connection:
            config = migrate._config()  # noqa: SLF001  a tool of the same house
            config.attributes["connection"] = connection
            command.revision(config, "Initial tables", autogenerate=True, rev_id=schema.REVISION)
        database.close()
    (made,) = Path(TARGET.parent).glob(f"{schema.REVISION}_*.py")
    text = made.read_text(encoding="utf-8")
    text = _without_version_table(text)
    index = "    for statement in INDEX_DDL[op.get_bind().dialect.name]:\n        op.execute(statement)\n"
    text = text.replace("\n\ndef downgrade", f"{index}\n\ndef downgrade", 1)
    text = re.sub(r"def downgrade\(\) -> None:.*", _DOWN, text, flags=re.DOTALL)
    text = text.replace("revision = ", f"{_ddl()}\nrevision = ", 1)
    made.unlink()
    TARGET.write_text(text, encoding="utf-8")


_DOWN = """def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first revision")
"""


def _without_version_table(text: str) -> str:
    return re.sub(r"    op\.create_table\('alembic_version',.*?\n    \)\n", "", text, flags=re.DOTALL)


def _ddl() -> str:
    return f"INDEX_DDL = {search.INDEX_DDL!r}\n"


if __name__ == "__main__":
    main()
