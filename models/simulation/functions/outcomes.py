"""How a request to a function can end, and how an attempt of it can start.

=========================  ====================================================================
outcome                    what happened
=========================  ====================================================================
``ok``                     answered
``error``                  the handler raised an error, or a function that it called failed
``timed_out``              the handler ran into the function's time-out
``throttled_account``      429: no unreserved concurrency was left in the account
``throttled_reserved``     429: the function's reserved concurrency was in use
``throttled_rate``         429: more than ten requests a second for each unit of concurrency
``throttled_scaling``      429: the function had added environments as fast as it may
``throttled_api``          429 by API Gateway: its token bucket was empty
``gave_up``                no answer in the time that the caller waits
``expired``                an event became too old to be tried again
``unfinished``             still in hand when the simulated time ended
=========================  ====================================================================

Documented: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html and
https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html.
"""

(
    OK, ERROR, TIMED_OUT, ACCOUNT, RESERVED, RATE, SCALING, API, GAVE_UP, EXPIRED, UNFINISHED,
) = range(11)  # fmt: skip
OUTCOMES = (
    "ok", "error", "timed_out", "throttled_account", "throttled_reserved", "throttled_rate",
    "throttled_scaling", "throttled_api", "gave_up", "expired", "unfinished",
)  # fmt: skip
#: The outcomes of a request that no environment took on.
THROTTLED = (ACCOUNT, RESERVED, RATE, SCALING, API)

#: How an attempt starts: in an idle environment, in a new one, or in a provisioned one.
WARM, COLD, PROVISIONED = range(3)
STARTS = ("warm", "cold", "provisioned")
