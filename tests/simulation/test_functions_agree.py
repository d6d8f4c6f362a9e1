"""The compiled and the readable engine of functions agree invocation by invocation."""

import dataclasses
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from models.simulation.functions.outcomes import OUTCOMES

SPEC = importlib.util.spec_from_file_location(
    "function_cases", Path(__file__).with_name("function_cases.py")
)
cases = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(cases)

#: What a case must bring about, or it would test nothing.
HAPPENS = {
    "time-out": "timed_out", "failures": "error", "account limit": "throttled_account",
    "scaling rate": "throttled_scaling", "request rate": "throttled_rate",
    "gateway": "throttled_api", "reserved beside unreserved": "throttled_reserved",
    "shared account": "throttled_account", "client retries": "throttled_account",
    "impatient clients": "gave_up", "retry quota": "gave_up", "events": "expired",
    "chain that retries": "error", "chain whose callers give up": "timed_out",
    "provisioned with a rate": "throttled_rate",
}  # fmt: skip


def same(one, other):
    for field in dataclasses.fields(one):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name.endswith("_seconds"):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-6, err_msg=field.name)
        else:
            np.testing.assert_array_equal(ours, theirs, err_msg=field.name)


@pytest.mark.parametrize("tied", [False, True], ids=["", "tied"])
@pytest.mark.parametrize("name", cases.CASES)
def test_kernel_and_twin_agree(name, tied):
    totals, records = cases.run("compiled", name, seed=1, chunk=700, tied=tied)
    expected, rows = cases.run("readable", name, seed=1, chunk=333, tied=tied)
    for field in rows.dtype.names:
        np.testing.assert_array_equal(records[field], rows[field], err_msg=field)
    outcome = HAPPENS.get(name, "ok")
    assert totals[-1].requests.sum(axis=0)[OUTCOMES.index(outcome)] > 5
    for ours, theirs in zip(totals, expected, strict=True):
        same(ours, theirs)
