"""Pods of a Deployment on the nodes of a cluster, against a rate of requests over time.

The control plane moves in single pods and nodes; the requests are a stream, spread evenly over the
pods that are ready. What they cannot serve is lost: there is no line, and nothing is said about
latency.
"""

from __future__ import annotations

from models.simulation.deployment.run import DeploymentRun
from models.simulation.deployment.simulate import simulate_deployment

__all__ = ["DeploymentRun", "simulate_deployment"]
