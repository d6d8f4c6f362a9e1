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
``unfinished``   still in hand when the simulated time ended
===============  ==========================================================================

Codes: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

OK, REJECTED, TIMED_OUT, FAILED, NO_TARGET, UNFINISHED = range(6)
OUTCOMES = ("ok", "rejected", "timed_out", "failed", "no_target", "unfinished")
