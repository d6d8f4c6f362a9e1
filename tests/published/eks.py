"""Published worked examples of Amazon EKS, as usage built from their own inputs."""

from collections.abc import Callable

from models.metering import Usage
from models.services.eks import Cluster

EXAMPLES: dict[str, Callable[[], Usage]] = {
    "IC-EKS-01": lambda: Cluster(name="eks", extended_support_share=1).estimate(),
}
