"""Experiments with anything that yields a number: replications, comparisons, sweeps, break-even.

A *measure* is a function called by name, ``measure(*, seed, **arguments)``, that returns a number
or a mapping of names to numbers. Replication `i` of everything uses the same seed, so that what is
compared meets the same customers (common random numbers). A measure without an argument `seed` is
a closed form: it has no noise.

Every experiment runs in this process, on `workers` processes of this machine, or on any
`concurrent.futures.Executor`, such as a Dask cluster's; the numbers are the same to the last bit.
Ctrl-C keeps what is done: the result then says ``complete=False``.

>>> from models.experiments import sweep
>>> def nat_usd(hours, gb):
...     return 0.045 * hours + 0.045 * gb
>>> sweep(nat_usd, {"hours": [730], "gb": [0, 1000]}).table[["gb", "value"]].values.tolist()
[[0.0, 32.85], [1000.0, 77.85]]
"""

from models.experiments.comparing import Comparison, compare
from models.experiments.crossing import BreakEven, break_even
from models.experiments.executors import executor_of
from models.experiments.measures import Measure, seeds
from models.experiments.replicating import Replications, replicate
from models.experiments.running import ExperimentError
from models.experiments.sweeping import Sweep, sweep

__all__ = [
    "BreakEven",
    "Comparison",
    "ExperimentError",
    "Measure",
    "Replications",
    "Sweep",
    "break_even",
    "compare",
    "executor_of",
    "replicate",
    "seeds",
    "sweep",
]
