"""How Alembic reaches the database: by the connection and in the transaction of `migrate`."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
context.run_migrations()
