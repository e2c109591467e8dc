"""``python -m storage > storage/schema.sql``: the schema that all migrations together make."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from storage.migrate import dump_schema, migrate

with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
    migrate(db, at=datetime.fromtimestamp(0, UTC))
    print("-- What all migrations together make. Written by `python -m storage`.\n")
    print(dump_schema(db), end="")
