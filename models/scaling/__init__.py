"""Alarms and scaling policies as AWS defines them: what is declared and which rule decides.

Pure rules, without time and without knowledge of what is scaled: the same serve an Auto Scaling
group, an ECS service, provisioned concurrency, a table's throughput and the replicas of a
database. The moving parts stand in `models.simulation`.
"""

from __future__ import annotations

from models.scaling.alarms import Alarm, AlarmEvaluator, AlarmState, evaluate
from models.scaling.arithmetic import (
    AdjustmentType,
    adjusted,
    clipped,
    needed_capacity,
    percent_change,
)
from models.scaling.decisions import Proposal, decide
from models.scaling.policies import (
    Policy,
    SimpleScalingPolicy,
    StepAdjustment,
    StepScalingPolicy,
    step_capacity,
    step_for,
)
from models.scaling.schedule import ScheduledAction
from models.scaling.tracking import (
    PREDEFINED_METRICS,
    PredefinedMetric,
    TargetTrackingPolicy,
    TrackingAlarms,
)

__all__ = [
    "PREDEFINED_METRICS",
    "AdjustmentType",
    "Alarm",
    "AlarmEvaluator",
    "AlarmState",
    "Policy",
    "PredefinedMetric",
    "Proposal",
    "ScheduledAction",
    "SimpleScalingPolicy",
    "StepAdjustment",
    "StepScalingPolicy",
    "TargetTrackingPolicy",
    "TrackingAlarms",
    "adjusted",
    "clipped",
    "decide",
    "evaluate",
    "needed_capacity",
    "percent_change",
    "step_capacity",
    "step_for",
]
