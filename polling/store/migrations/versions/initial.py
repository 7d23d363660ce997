"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    _make_sessions()
    _make_ballots()
    _make_contacts()
    _make_event_states()


def downgrade() -> None:
    """Takes them away again, with all that is in them."""
    for table in (
        "poll_note",
        "hand_count",
        "link_use",
        "link",
        "event_state",
        "withdrawal",
        "certificate",
        "contact",
        "idea",
        "tally",
        "ballot",
        "command",
        "session",
        "poll",
        "event",
    ):
        op.drop_table(table)


def _make_sessions() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("file_hash", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("secret_fingerprint", sa.String(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
    )
    op.create_table(
        "session",
        sa.Column("event", sa.String(), primary_key=True),
        sa.Column("session", sa.String(), primary_key=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("current", sa.String(), nullable=True),
        sa.Column("calling", sa.Boolean(), nullable=False),
        sa.Column("paces", sa.String(), nullable=False),
    )
    op.create_table(
        "command",
        sa.Column("event", sa.String(), primary_key=True),
        sa.Column("session", sa.String(), primary_key=True),
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("poll", sa.String(), nullable=True),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
    )
    op.create_table(
        "poll",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("set", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revealed", sa.Boolean(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("respondents", sa.Integer(), nullable=False),
        sa.Column("shown_respondents", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=True),
        sa.Column("timer_seconds", sa.Integer(), nullable=True),
        sa.Column("timer_closes", sa.Boolean(), nullable=False),
        sa.Column("timer_started", sa.Float(), nullable=True),
        sa.Column("opened", sa.Float(), nullable=True),
        sa.Column("closed", sa.Float(), nullable=True),
        sa.Column("seal_nonce", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.UniqueConstraint("event", "session", "set", "question", "round"),
    )


def _make_ballots() -> None:
    """All WITHOUT ROWID: a rowid would number them in the order in which they came."""
    op.create_table(
        "ballot",
        sa.Column("poll_id", sa.Integer(), sa.ForeignKey("poll.id"), primary_key=True),
        sa.Column("voter_key", sa.LargeBinary(), primary_key=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cells", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("out", sa.String(), nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tally",
        sa.Column("poll_id", sa.Integer(), sa.ForeignKey("poll.id"), primary_key=True),
        sa.Column("label", sa.String(), primary_key=True),
        sa.Column("cell", sa.String(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idea",
        sa.Column("id", sa.LargeBinary(), primary_key=True),
        sa.Column("poll_id", sa.Integer(), sa.ForeignKey("poll.id"), nullable=False),
        sa.Column("voter_key", sa.LargeBinary(), nullable=True),
        sa.Column("cell", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("claim_hash", sa.LargeBinary(), nullable=True),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.String(), nullable=False),
        sa.Column("merged_into", sa.LargeBinary(), nullable=True),
        sa.Column("lit", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("idea_voter", "idea", ["poll_id", "voter_key"])
    op.create_index("idea_claim", "idea", ["claim_hash"])


def _make_contacts() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.LargeBinary(), primary_key=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("set", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("cell", sa.String(), nullable=False),
        sa.Column("idea_id", sa.LargeBinary(), nullable=True, unique=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("working_groups", sa.String(), nullable=False),
        sa.Column("consent_text", sa.String(), nullable=False),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("half_day", sa.String(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("status", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "certificate",
        sa.Column("event", sa.String(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("ideas", sa.Integer(), nullable=False),
    )
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.LargeBinary(), primary_key=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("working_groups", sa.String(), nullable=False),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("given", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )


def _make_event_states() -> None:
    op.create_table(
        "event_state",
        sa.Column("event", sa.String(), primary_key=True),
        sa.Column("content", sa.String(), nullable=False),
    )
    op.create_table(
        "link",
        sa.Column("event", sa.String(), primary_key=True),
        sa.Column("role", sa.String(), primary_key=True),
        sa.Column("session", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "link_use",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
    )
    for table in ("poll_note", "hand_count"):
        op.create_table(
            table,
            sa.Column("event", sa.String(), primary_key=True),
            sa.Column("session", sa.String(), primary_key=True),
            sa.Column("poll", sa.String(), primary_key=True),
            sa.Column("revision", sa.Integer(), nullable=False),
            sa.Column("content", sa.String(), nullable=False),
            sa.Column("who", sa.String(), nullable=False),
        )
