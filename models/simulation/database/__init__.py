"""A database behind the workers: each holds its request until the database has answered."""

from __future__ import annotations

from models.simulation.database.tier import Database, Failover

__all__ = ["Database", "Failover"]
