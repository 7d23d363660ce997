"""polling: live event polling, self-hosted. Start reading at docs/architecture.md."""

__version__ = "0.1.0"
