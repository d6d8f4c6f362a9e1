"""The compiled and the readable engine of functions agree invocation by invocation."""

import dataclasses

import numpy as np
import pytest
from function_cases import CASES, run

from models.simulation.functions import kernel
from models.simulation.functions.outcomes import OUTCOMES

#: What a case must bring about, or it would test nothing.
HAPPENS = {
    "time-out": "timed_out", "failures": "error", "account limit": "throttled_account",
    "scaling rate": "throttled_scaling", "request rate": "throttled_rate",
    "gateway": "throttled_api", "two functions behind one gateway": "throttled_api",
    "reserved beside unreserved": "throttled_reserved",
    "shared account": "throttled_account", "client retries": "throttled_account",
    "impatient clients": "gave_up", "retry quota": "gave_up", "events": "expired",
    "chain that retries": "error", "chain whose callers give up": "timed_out",
    "patience that ends with the deadline": "timed_out",
    "provisioned with a rate": "throttled_rate",
}  # fmt: skip


def same(one, other):
    for field in dataclasses.fields(one):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name.endswith("_seconds"):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-6, err_msg=field.name)
        else:
            np.testing.assert_array_equal(ours, theirs, err_msg=field.name)


def assert_agree(name, seed, *, tied):
    totals, records = run("compiled", name, seed=seed, chunk=700, tied=tied)
    expected, rows = run("readable", name, seed=seed, chunk=333, tied=tied)
    for field in rows.dtype.names:
        np.testing.assert_array_equal(records[field], rows[field], err_msg=field)
    outcome = HAPPENS.get(name, "ok")
    assert totals[-1].requests.sum(axis=0)[OUTCOMES.index(outcome)] > 5
    for ours, theirs in zip(totals, expected, strict=True):
        same(ours, theirs)


@pytest.mark.parametrize("tied", [False, True], ids=["", "tied"])
@pytest.mark.parametrize("name", CASES)
def test_kernel_and_twin_agree(name, tied):
    assert_agree(name, 1, tied=tied)


@pytest.mark.long
@pytest.mark.parametrize("tied", [False, True], ids=["", "tied"])
@pytest.mark.parametrize("name", CASES)
def test_kernel_and_twin_agree_for_other_seeds(name, tied):
    for seed in range(2, 10):
        assert_agree(name, seed, tied=tied)


def test_each_entry_point_was_compiled_once():
    run("compiled", "chain that retries")
    for entry in kernel.ENTRY_POINTS:
        assert len(entry.signatures) == 1, entry


@pytest.mark.parametrize("planted", ["init", "retention", "life", "first_run"])
def test_a_difference_in_what_environments_bring_would_be_noticed(planted, monkeypatch):
    name = "routing random"
    totals, _ = run("compiled", name)
    one = CASES[name].functions[0]
    rows = one.drawn.copy()
    rows[planted] *= 1.01
    other = dataclasses.replace(CASES[name], functions=(dataclasses.replace(one, drawn=rows),))
    monkeypatch.setitem(CASES, name, other)
    changed, _ = run("readable", name)
    with pytest.raises(AssertionError):
        same(totals[-1], changed[-1])
