"""A service of Amazon ECS at work: its tasks, its deployments, and the instances below them."""

from __future__ import annotations

from models.simulation.service.run import Rollout, ServiceRun
from models.simulation.service.simulate import simulate_service

__all__ = ["Rollout", "ServiceRun", "simulate_service"]
