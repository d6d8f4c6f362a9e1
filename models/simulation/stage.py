"""What every run of targets behind a load balancer stands on, whoever starts and stops them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.services.autoscaling import AutoScalingGroup
from models.services.ecs import Service
from models.simulation import engines
from models.simulation.activities import ActivityLog
from models.simulation.assumptions import Assumptions
from models.simulation.balancer import LoadBalancer
from models.simulation.clock import Clock
from models.simulation.controller import Controller
from models.simulation.database.tier import Database
from models.simulation.monitor import Monitor
from models.simulation.scaling import DynamicScaling
from models.simulation.served import named_outcomes
from models.simulation.slots import Slots
from models.simulation.streams import stream
from models.simulation.timeline import Timeline
from models.workload import ClosedLoop, Trace


class Stage:
    """Clock, engine, load balancer and log of one run.

    Parameters
    ----------
    served : sequence of AutoScalingGroup or of Service
        One for each target group; alike in what the engine keeps once for all.
    trace : Trace or ClosedLoop
    engine : str
    database : Database, optional
    seed : int
    keep_records : bool
    assumptions : Assumptions

    Raises
    ------
    InvalidInputError
        Where there is no such engine, or it cannot serve this trace.
    """

    def __init__(
        self, served: Sequence[AutoScalingGroup | Service], trace: Trace | ClosedLoop,
        engine: str, *, database: Database | None, seed: int, keep_records: bool,
        assumptions: Assumptions,
    ) -> None:  # fmt: skip
        self._served, self._trace, self._engine = served[0], trace, engine
        self._seed, self._keep_records = seed, keep_records
        shares = tuple(float(one.target_group.weight) for one in served)
        self.clock = Clock()
        self.targets = engines.targets(
            self.clock, served[0], shares, trace, engine,
            keep_records=keep_records, database=database,
        )  # fmt: skip
        self.log = ActivityLog(trace.start)
        self.balancer = LoadBalancer(
            self.clock, self.targets, [one.target_group for one in served],
            assumptions=assumptions, mean_work_seconds=_held_seconds(served[0], trace),
            rng=stream(seed, "health checks"),
        )  # fmt: skip
        self.slots = Slots(self.targets)

    def play(
        self, controllers: Sequence[Controller[Any]], scaling: Sequence[DynamicScaling]
    ) -> dict[str, Any]:
        """Run to the end of the trace: the parts of a `ServedRun` that all runs have."""
        length = getattr(self._trace, "duration_seconds", float("inf"))
        monitor = Monitor(self.clock, self.targets, Timeline(controllers), scaling, length)
        end = engines.run(self.clock, self.targets, self._trace)
        timeline, whole = monitor.finish(), self._engine != "fluid"
        latencies = engines.latencies(timeline, self._trace, self._served, whole=whole)
        return {
            "duration_seconds": end,
            "engine": self._engine,
            "seed": self._seed,
            "outcomes": named_outcomes(timeline.outcomes, whole=whole),
            "activities": self.log.entries(),
            "alarm_history": tuple(change for one in scaling for change in one.history),
            "records": engines.records(self.targets) if self._keep_records else None,
            **latencies,
        }


def _held_seconds(served: Any, trace: Trace | ClosedLoop) -> float:
    """How long a request holds a worker on average, its statements with it. [s]"""
    queries = served.application.queries
    asked = queries.share * queries.time.mean_seconds if queries else 0.0
    return float(trace.work.mean_seconds + asked)
