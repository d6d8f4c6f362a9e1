"""What any engine must know of a database behind the workers, in plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

NEVER = float("inf")


@dataclass(frozen=True)
class DatabaseServing:
    """A database, and how the instances in front of it use it.

    Parameters
    ----------
    servers : int
        Statements that it executes at a time; the others wait for their turn.
    connections : int
        The most that it accepts; from a proxy, the most that this one opens.
    pool_size : int
        The most that one instance opens.
    pool_timeout_seconds : float
        A worker waits this long for a connection of its instance's pool. [s]
    prefilled : bool
        Whether an instance opens its whole pool when it starts, or one by one when needed.
    statement_timeout_seconds : float
        A statement that takes longer, its wait for a turn with it, is cancelled. [s]
    proxied : bool
        Whether a proxy stands between: instances are connected to it, and it lends one of its own
        connections for each statement.
    borrow_timeout_seconds : float
        A statement waits this long for a connection of the proxy. [s]
    """

    servers: int
    connections: int
    pool_size: int = 10
    pool_timeout_seconds: float = 30.0
    prefilled: bool = False
    statement_timeout_seconds: float = NEVER
    proxied: bool = False
    borrow_timeout_seconds: float = NEVER


@dataclass
class DatabasePeriod:
    """What was counted at a database since the last reading.

    Parameters
    ----------
    connections : int
        Open at the end of the period; with a proxy, those that it has lent.
    busy_seconds : float
        Spent executing statements. [s]
    waiting : int
        Statements that wait for their turn at the end of the period.
    refused : int
        Connections refused, because all were taken or the database was failing over.
    """

    connections: int
    busy_seconds: float
    waiting: int
    refused: int

    def after(self, earlier: DatabasePeriod | None) -> DatabasePeriod:
        """Both periods as one."""
        if earlier is None:
            return self
        busy_seconds = earlier.busy_seconds + self.busy_seconds
        refused = earlier.refused + self.refused
        return DatabasePeriod(self.connections, busy_seconds, self.waiting, refused)
