"""Phones and moderators without people: they speak the public protocol (docs/protocol.md) and nothing else."""
