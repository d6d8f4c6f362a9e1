"""Amazon EC2 Auto Scaling: a group of instances, what runs on them, and how it grows and shrinks.

Models:
    The group with its sizes, launch template, target group, health checks, policies and scheduled
    actions (`AutoScalingGroup`, `LaunchTemplate`, `TargetGroup`, `HealthCheck`), and the
    application on its instances (`Application`, `Crash`, `Queries`). `estimate` meters the desired
    capacity for the whole month; `models.simulation.simulate` runs the group through real traffic
    and meters what it really ran.

Leaves out:
    Mixed instances, Spot, warm pools, instance refresh, predictive scaling, lifecycle hooks that
    abandon, standby, detaching, scale-in protection and rebalancing between zones. CPU credits.

Pricing:
    https://aws.amazon.com/autoscaling/pricing/ - Auto Scaling itself is free; its instances, their
    volumes, addresses and detailed monitoring are charged as Amazon EC2 and Amazon CloudWatch.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html - an instance
    is charged while it runs, in whichever state the group holds it, not while it is pending.
"""

from __future__ import annotations

from models.services.autoscaling.application import Application, Crash, Queries
from models.services.autoscaling.group import AutoScalingGroup, LaunchTemplate
from models.services.autoscaling.target_group import HealthCheck, TargetGroup

__all__ = [
    "Application",
    "AutoScalingGroup",
    "Crash",
    "HealthCheck",
    "LaunchTemplate",
    "Queries",
    "TargetGroup",
]
