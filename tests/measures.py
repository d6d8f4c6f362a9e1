"""Measures that experiments are tried on, in a module of their own that any process finds."""

import os
import time
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np


def seen(*, seed):
    """What it was given."""
    return seed


def normal(*, seed, x=0.0, sd=1.0):
    return x + sd * np.random.default_rng(seed).standard_normal()


def two(*, seed, x=0.0):
    """Two numbers; `x` moves only the first."""
    noise = np.random.default_rng(seed).standard_normal()
    return {"cost": 10 * x + noise, "wait": noise**2}


def line(*, seed, x, slope=1.0, at=0.0, sd=1.0, other=0):
    """Noise of its own on top of what all lines of the seed share."""
    rng = np.random.default_rng([seed, other])
    return slope * (x - at) + np.random.default_rng(seed).normal(0, 5) + rng.normal(0, sd)


def squared(*, x):
    """A closed form."""
    return x**2


def slow(*, seed, x=0.0, seconds=0.05, mark=""):
    """Takes a while, and leaves a mark when it begins."""
    if mark:
        Path(mark, str(os.getpid())).touch()
    time.sleep(seconds)
    return normal(seed=seed, x=x)


def failing(*, seed, x=0.0):
    if x == 3:
        raise ValueError("three\nis too much")
    return x


def dying(*, seed, x=0.0):
    """Ends its process, as a lack of memory would; some results are through before."""
    if x == 30:
        time.sleep(0.5)
        os._exit(1)
    return x


def interrupted(*, seed, x=0.0):
    """Ctrl-C in the middle of the fourth."""
    if x == 3:
        raise KeyboardInterrupt
    return x


def uneven(*, seed, x=0.0):
    """Takes a few milliseconds more or less, so that runs end in another order than they began."""
    time.sleep(seed % 7 / 1000)
    return normal(seed=seed, x=x)


def where(*, seed):
    time.sleep(0.05)
    return {"process": os.getpid()}


def named(*, name):
    return {"name": 1.0}


def moody(*, seed):
    """Not the same numbers every time."""
    return {"cost": 1.0} if seed % 2 else {"price": 1.0}


def giving(given, *, seed):
    return given


def wave(*, x):
    return (x - 2) * (x - 6)


def shifted(*, x):
    return x - 4


def undefined(*, x):
    return x / x if x else float("nan")


def often_infinite(*, seed):
    return float("inf") if seed % 2 else 1.0


class Eager(Executor):
    """Makes each task when it is submitted; remembers how many runs each held."""

    def __init__(self):
        self.sizes = []

    def submit(self, fn, calls):
        self.sizes.append(len(calls))
        task = Future()
        task.set_result(fn(calls))
        return task
