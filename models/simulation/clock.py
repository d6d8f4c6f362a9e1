"""One clock for everything that happens, and one order for what happens at the same instant.

At one instant, first workers finish and take the next in line, then clients give up, then the
control plane acts, then new requests arrive. The compiled kernel, its readable twin and the fluid
engine agree only because they all keep to this order, so the control plane never waits through a
bare ``env.timeout`` but through `Clock.after` and `Clock.until`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappush
from typing import Any

import simpy

#: Order at one instant; SimPy serves the smaller number first. 0 and 1 are SimPy's own.
FINISH, GIVE_UP, CONTROL, ARRIVE, END = 1, 2, 3, 4, 5


class Clock(simpy.Environment):
    """A SimPy environment whose events are set for an exact instant and a place within it.

    ``env.timeout(t - env.now)`` can miss `t` by one rounding; these do not.
    """

    def at(
        self, seconds: float, order: float, then: Callable[[simpy.Event], Any] | None = None
    ) -> simpy.Event:
        """An event at the instant `seconds`, in its `order`; `then` is called when it comes.

        SimPy offers no public way to name the instant itself, hence its two inner fields.
        """
        event = simpy.Event(self)
        event._ok, event._value = True, None
        if then is not None:
            event.callbacks.append(then)
        queue: list[Any] = self._queue
        heappush(queue, (seconds, order, next(self._eid), event))
        return event

    def after(self, seconds: float) -> simpy.Event:
        """What the control plane waits for: `seconds` from now, in the control plane's turn."""
        return self.at(self.now + seconds, CONTROL)

    def until(self, seconds: float) -> simpy.Event:
        """What the control plane waits for: the instant `seconds`, or now if that has passed."""
        return self.at(max(seconds, self.now), CONTROL)

    def every(
        self, seconds: float, end: float, then: Callable[[], Any]
    ) -> Generator[simpy.Event, Any, None]:
        """A process that calls `then` at each whole multiple of `seconds` before `end`."""
        tick = 1
        while tick * seconds < end:
            yield self.until(tick * seconds)
            tick += 1
            then()

    def run_to(self, seconds: float) -> None:
        """Run up to the instant `seconds` and everything that happens at it."""
        self.run(until=self.at(seconds, END))
