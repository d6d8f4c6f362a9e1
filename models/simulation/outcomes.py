"""How a request can end. Every request ends in exactly one of these ways.

===============  ==========================================================================
outcome          what happened
===============  ==========================================================================
``ok``           answered
``rejected``     the target's line was full, so the target itself answered 503
``timed_out``    no answer in time: the client left (HTTP 460), or the balancer's idle timeout
                 passed first (504)
``failed``       the target broke the connection or refused it: crashed, not yet started, or
                 cut at the end of the deregistration delay (502)
``no_target``    the target group had nobody to send it to (503 by the balancer)
``unconnected``  no connection to the database: none free in time, refused, or broken (500)
``unanswered``   the database did not answer in time, so the statement was cancelled (500)
``unfinished``   still in hand when the simulated time ended
===============  ==========================================================================

Codes: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

OK, REJECTED, TIMED_OUT, FAILED, NO_TARGET, UNCONNECTED, UNANSWERED, UNFINISHED = range(8)
OUTCOMES = (
    "ok", "rejected", "timed_out", "failed", "no_target", "unconnected", "unanswered", "unfinished",
)  # fmt: skip
