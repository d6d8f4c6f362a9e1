"""How a duration is taken here: best of several, after one call to warm up."""

import time
from collections.abc import Callable
from typing import Any


def best_seconds(call: Callable[[], Any], *, repeats: int = 5) -> float:
    """Shortest wall time of `repeats` calls, after one that does not count. [s]"""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
