"""What queueing theory and plain counting say, to hold a simulation against.

Pure functions: rates per second, durations in seconds, shares from 0 to 1. Exact unless the name
or the docstring says approximate. `waiting`, `response`, `general` and `loss` are queues in steady
state, `limits` is what no system can beat, `fleet` is sizing, availability and the chain of
delays, `composition` how available a whole of several parts is, `flapping` which thresholds
oscillate. For what serves without a queue, `cold_starts` says how often an environment must be
started, `bursts` how long a token bucket lasts, `retries` what becomes of an overload,
`caching` how much of a load a cache takes away.

Sources, cited by short name where used:

- Kleinrock: Leonard Kleinrock, Queueing Systems, Volume 1: Theory, Wiley, 1975.
- Harchol-Balter: Mor Harchol-Balter, Performance Modeling and Design of Computer Systems,
  Cambridge University Press, 2013.
- Little: John D. C. Little, A Proof for the Queuing Formula L = lambda W, Operations Research
  9(3), 1961.
- Allen: Arnold O. Allen, Probability, Statistics, and Queueing Theory, 2nd edition, Academic
  Press, 1990.
- Denning and Buzen: Peter J. Denning and Jeffrey P. Buzen, The Operational Analysis of Queueing
  Network Models, ACM Computing Surveys 10(3), 1978.
- Barlow and Proschan: Richard E. Barlow and Frank Proschan, Statistical Theory of Reliability and
  Life Testing: Probability Models, Holt, Rinehart and Winston, 1975.
- Wolff: Ronald W. Wolff, Poisson Arrivals See Time Averages, Operations Research 30(2), 1982.
- Bronson: Nathan Bronson and others, Metastable Failures in Distributed Systems, HotOS, 2021.
"""

from models.theory.bursts import (
    expected_batch_size,
    seconds_to_reach,
    token_bucket_full_service_seconds,
)
from models.theory.caching import (
    characteristic_requests,
    filling_hit_ratio,
    ideal_hit_ratio,
    lru_hit_ratio,
    stampede_factor,
    ttl_hit_ratio,
    zipf_popularity,
)
from models.theory.cold_starts import (
    cold_share_exponential_idle,
    cold_share_newest_first,
    cold_share_of_gaps,
    cold_share_slow_expiry,
    provisioned_break_even_utilization,
    single_environment_cold_share,
    single_environment_cold_share_exponential,
)
from models.theory.composition import (
    downtime_seconds,
    redundant_availability,
    renewal_availability,
    series_availability,
)
from models.theory.flapping import Flapping, flapping_loads, flaps, whole_loads
from models.theory.fleet import (
    Delay,
    Link,
    ReactionTime,
    availability,
    detection_seconds,
    instances_for,
    target_tracking_reaction,
)
from models.theory.general import mg1_mean_wait_seconds, mgc_mean_wait_seconds_approximate
from models.theory.limits import (
    closed_loop_response_seconds,
    closed_loop_saturation,
    closed_loop_throughput_limit,
    little_length,
    little_seconds,
)
from models.theory.loss import (
    mm1k_loss,
    mmck_loss,
    mmck_mean_response_seconds,
    mmck_mean_wait_seconds,
    mmck_probabilities,
)
from models.theory.response import (
    mmc_mean_response_seconds,
    mmc_response_exceeds,
    mmc_response_quantile_seconds,
)
from models.theory.retries import (
    RetryLoad,
    metastable_points,
    metastable_threshold,
    retry_amplification,
)
from models.theory.waiting import (
    erlang_b,
    erlang_c,
    mmc_mean_wait_seconds,
    mmc_wait_exceeds,
    mmc_wait_quantile_seconds,
    servers_for,
    utilisation,
)

__all__ = [
    "Delay",
    "Flapping",
    "Link",
    "ReactionTime",
    "RetryLoad",
    "availability",
    "characteristic_requests",
    "closed_loop_response_seconds",
    "closed_loop_saturation",
    "closed_loop_throughput_limit",
    "cold_share_exponential_idle",
    "cold_share_newest_first",
    "cold_share_of_gaps",
    "cold_share_slow_expiry",
    "detection_seconds",
    "downtime_seconds",
    "erlang_b",
    "erlang_c",
    "expected_batch_size",
    "filling_hit_ratio",
    "flapping_loads",
    "flaps",
    "ideal_hit_ratio",
    "instances_for",
    "little_length",
    "little_seconds",
    "lru_hit_ratio",
    "metastable_points",
    "metastable_threshold",
    "mg1_mean_wait_seconds",
    "mgc_mean_wait_seconds_approximate",
    "mm1k_loss",
    "mmc_mean_response_seconds",
    "mmc_mean_wait_seconds",
    "mmc_response_exceeds",
    "mmc_response_quantile_seconds",
    "mmc_wait_exceeds",
    "mmc_wait_quantile_seconds",
    "mmck_loss",
    "mmck_mean_response_seconds",
    "mmck_mean_wait_seconds",
    "mmck_probabilities",
    "provisioned_break_even_utilization",
    "redundant_availability",
    "renewal_availability",
    "retry_amplification",
    "seconds_to_reach",
    "series_availability",
    "servers_for",
    "single_environment_cold_share",
    "single_environment_cold_share_exponential",
    "stampede_factor",
    "target_tracking_reaction",
    "token_bucket_full_service_seconds",
    "ttl_hit_ratio",
    "utilisation",
    "whole_loads",
    "zipf_popularity",
]
