"""Experiments: what they compute, that nothing but the seed decides it, and how they end."""

import functools
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import measures
from measures import Eager
from models.errors import InvalidInputError
from models.experiments import (
    ExperimentError,
    break_even,
    compare,
    executor_of,
    replicate,
    seeds,
    sweep,
)
from models.experiments.executors import process_pool

#: First words of numpy's SeedSequence(0), which numpy promises never to change.
FIRST_WORDS = np.random.SeedSequence(0).generate_state(3).tolist()


def at_a_prompt(*, seed):
    return seed


at_a_prompt.__module__ = "__main__"


# --- replications ----------------------------------------------------------------------------


def test_the_interval_is_students():
    found = replicate(measures.normal, 12, arguments={"x": 3.0}, confidence=0.9)
    values = [measures.normal(seed=one, x=3.0) for one in seeds(0, 12)]
    assert found.table["value"].tolist() == values
    half = stats.sem(values) * stats.t(11).ppf(0.95)
    assert found.mean() == pytest.approx(np.mean(values), rel=1e-15)
    assert found.interval() == pytest.approx((np.mean(values) - half, np.mean(values) + half))


def test_one_replication_has_a_mean_and_no_interval():
    found = replicate(measures.normal, 1)
    assert found.mean() == measures.normal(seed=FIRST_WORDS[0])
    assert np.isnan(found.interval()).all()


def test_several_numbers_have_an_interval_each():
    found = replicate(measures.two, 5)
    assert list(found.table) == ["replication", "seed", "cost", "wait"]
    assert found.mean("wait") == pytest.approx(found.table["wait"].mean())
    with pytest.raises(InvalidInputError, match=r"name \(None\) must be one of cost, wait"):
        found.mean()


def test_seeds_are_numpys_words_and_depend_on_nothing_else():
    assert seeds(0, 3) == FIRST_WORDS
    assert seeds(0, 5000)[:3] == FIRST_WORDS
    assert len(set(seeds(0, 200_000))) == 200_000
    assert set(seeds(0, 1000)).isdisjoint(seeds(1, 1000))
    assert max(seeds(0, 200_000)) < 2**32


def test_every_experiment_gives_replication_i_the_same_seed():
    alone = replicate(measures.seen, 3).table["value"].tolist()
    compared = compare({"a": measures.seen, "b": measures.seen}, 3).table
    swept = sweep(measures.two, {"x": [1.0, 2.0]}, 3).table
    assert alone == FIRST_WORDS
    assert compared["value"].tolist() == np.repeat(FIRST_WORDS, 2).tolist()
    assert swept["seed"].tolist() == FIRST_WORDS * 2


def test_replications_are_added_until_the_interval_is_narrow():
    found = replicate(measures.normal, 5, arguments={"x": 10.0}, relative_precision=0.01)
    low, high = found.interval()
    assert (high - low) / 2 <= 0.01 * found.mean()
    # (1.96 / 0.1)^2 = 384 for a standard deviation of 1.
    assert 250 < len(found.table) < 600
    assert found.precise
    longer = replicate(measures.normal, 1000, arguments={"x": 10.0}).table
    assert longer.iloc[: len(found.table)].equals(found.table)


def test_a_precision_out_of_reach_ends_at_the_most_and_says_so():
    found = replicate(measures.normal, 5, relative_precision=0.01, most=40)
    assert (len(found.table), found.precise, found.complete) == (40, False, True)
    assert "Not as precise as asked for" in repr(found)


def test_what_never_varies_is_precise_at_once():
    found = replicate(measures.failing, 5, relative_precision=0.01)
    assert (len(found.table), found.interval(), found.precise) == (5, (0.0, 0.0), True)


def test_a_partial_is_a_measure_and_keeps_what_it_binds():
    bound = functools.partial(measures.normal, x=7.0, sd=0.0)
    assert replicate(bound, 2).mean() == 7.0
    assert replicate(bound, 2, arguments={"x": 8.0}).mean() == 8.0


# --- comparisons -----------------------------------------------------------------------------


def test_differences_are_paired():
    sides = {"old": (measures.line, {"at": 0.0, "other": 1}),
             "new": (measures.line, {"at": 0.5, "other": 2})}  # fmt: skip
    found = compare(sides, 40, arguments={"x": 1.0})
    values = found.table.pivot(index="replication", columns="alternative", values="value")
    wanted = values["new"] - values["old"]
    (row,) = found.differences.to_dict("records")
    assert row["mean"] == pytest.approx(wanted.mean())
    assert (row["low"], row["high"]) == pytest.approx(
        stats.t.interval(0.95, 39, loc=wanted.mean(), scale=stats.sem(wanted))
    )
    # A standard deviation of 5 is common to both: unpaired, 0.5 would drown in it.
    assert stats.ttest_ind(values["new"], values["old"]).pvalue > 0.3
    assert (row["sign"], row["certain"], row["replications"]) == ("lower", True, 40)


def test_each_alternative_is_compared_with_the_baseline_number_by_number():
    sides = {name: (measures.two, {"x": x}) for name, x in (("a", 0.0), ("b", 1.0), ("c", -1.0))}
    found = compare(sides, 10, baseline="b").differences
    assert found[["alternative", "measure", "sign"]].values.tolist() == [
        ["a", "cost", "lower"], ["a", "wait", "equal"],
        ["c", "cost", "lower"], ["c", "wait", "equal"],
    ]  # fmt: skip
    assert found["mean"].tolist() == pytest.approx([-10, 0, -20, 0])


def test_a_difference_within_the_noise_is_uncertain():
    sides = {"one": (measures.line, {"other": 1}), "other": (measures.line, {"other": 2})}
    found = compare(sides, 20, arguments={"x": 0.0})
    assert found.differences["sign"].tolist() == ["uncertain"]
    assert "uncertain which is lower" in repr(found)


def test_means_of_alternatives_are_those_of_replicating_them():
    found = compare({"a": measures.two, "b": (measures.two, {"x": 2.0})}, 8).summary
    alone = replicate(measures.two, 8, arguments={"x": 2.0}).summary
    of_b = found[found["alternative"] == "b"].set_index("measure")
    assert of_b["mean"].tolist() == alone["mean"].tolist()
    assert of_b["high"].tolist() == alone["high"].tolist()


# --- sweeps ----------------------------------------------------------------------------------


def test_a_grid_is_full_and_its_last_argument_runs_fastest():
    found = sweep(measures.normal, {"x": np.array([1.0, 2.0]), "sd": [0.0, 0.5]}, 2)
    assert list(found.table) == ["point", "x", "sd", "replication", "seed", "value"]
    where = found.table[["point", "x", "sd", "replication"]].values.tolist()
    assert where[:4] == [[0, 1.0, 0.0, 0], [0, 1.0, 0.0, 1], [1, 1.0, 0.5, 0], [1, 1.0, 0.5, 1]]
    assert len(where) == 8
    wanted = [
        measures.normal(seed=int(row.seed), x=row.x, sd=row.sd) for row in found.table.itertuples()
    ]
    assert found.table["value"].tolist() == wanted


def test_the_summary_has_a_row_for_each_point_as_replicating_it_would_give():
    found = sweep(measures.two, {"x": [0.0, 1.0, 2.0]}, 6).summary
    alone = replicate(measures.two, 6, arguments={"x": 1.0})
    assert list(found) == ["point", "x", "replications", "cost", "cost_low", "cost_high", "wait",
                           "wait_low", "wait_high"]  # fmt: skip
    row = found.iloc[1]
    assert (row["cost"], row["cost_low"], row["cost_high"]) == (
        alone.mean("cost"), *alone.interval("cost")
    )  # fmt: skip
    assert found["replications"].tolist() == [6, 6, 6]


def test_points_may_be_listed():
    found = sweep(measures.normal, [{"x": 1.0, "sd": 0.0}, {"sd": 0.0, "x": 9.0}])
    assert found.table["value"].tolist() == [1.0, 9.0]


def test_a_closed_form_needs_no_seed():
    assert sweep(measures.squared, {"x": range(4)}).table["value"].tolist() == [0, 1, 4, 9]
    assert replicate(measures.squared, 3, arguments={"x": 2}).interval() == (4.0, 4.0)


# --- anywhere, in any order, the same bits ---------------------------------------------------


EXPERIMENTS = {
    "replicate": lambda **where: replicate(measures.uneven, 40, **where).table,
    "precise": lambda **where: replicate(
        measures.uneven, 8, arguments={"x": 9.0}, relative_precision=0.03, **where
    ).table,
    "compare": lambda **where: compare(
        {"a": measures.uneven, "b": (measures.uneven, {"x": 1.0})}, 20, **where
    ).differences,
    "sweep": lambda **where: sweep(measures.uneven, {"x": [1.0, 2.0, 3.0]}, 9, **where).summary,
    "break-even": lambda **where: break_even(
        {"a": (measures.line, {"other": 1}), "b": (measures.line, {"slope": 0.5, "at": -3.0})},
        "x", 0, 20, relative_precision=0.1, **where,
    ).table,
}  # fmt: skip


@pytest.fixture(scope="module")
def processes():
    with process_pool(2) as pool:
        yield pool


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_results_are_the_same_bits_wherever_and_in_whichever_order_runs_are_made(
    experiment, processes
):
    here = experiment()
    with ThreadPoolExecutor(7) as threads:
        assert experiment(executor=threads).equals(here)
    assert experiment(executor=processes).equals(here)


@pytest.mark.parametrize("workers", [1, 2, "all cores"])
def test_processes_are_started_for_an_experiment_on_request(workers):
    found = replicate(measures.where, 6, workers=workers).table
    elsewhere = workers == 2 or (workers == "all cores" and len(os.sched_getaffinity(0)) > 1)
    assert (os.getpid() not in found["process"].tolist()) == elsewhere


def test_without_a_cluster_the_executor_is_this_machine(monkeypatch):
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
    with executor_of() as executor:
        assert isinstance(executor, ProcessPoolExecutor)


def test_many_runs_travel_in_few_tasks():
    few, many = Eager(), Eager()
    replicate(measures.seen, 100, executor=few)
    found = sweep(measures.normal, {"x": range(3500)}, executor=many)
    assert few.sizes == [1] * 100
    assert (max(many.sizes), len(many.sizes)) == (4, 875)
    assert found.table.equals(sweep(measures.normal, {"x": range(3500)}).table)


def test_a_run_costs_less_than_5_ms_on_top_of_its_own_time(processes):
    replicate(measures.seen, 2, executor=processes)
    started = time.perf_counter()
    replicate(measures.seen, 2000, executor=processes)
    assert (time.perf_counter() - started) / 2000 < 0.005


# --- what goes wrong -------------------------------------------------------------------------


def test_ctrl_c_keeps_what_is_done():
    found = sweep(measures.interrupted, {"x": range(10)})
    assert found.table["x"].tolist() == [0, 1, 2]
    assert not found.complete
    assert "Incomplete: not all runs were made." in repr(found)


@pytest.mark.parametrize(
    "call",
    [
        lambda: replicate(measures.interrupted, 9, arguments={"x": 3}),
        lambda: compare(dict.fromkeys("ab", (measures.interrupted, {"x": 3})), 9),
        lambda: sweep(measures.interrupted, {"x": [3]}),
        lambda: break_even(measures.interrupted, "x", 3, 5),
    ],
    ids=["replicate", "compare", "sweep", "break_even"],
)
def test_ctrl_c_before_anything_is_done_leaves_an_empty_result(call):
    found = call()
    assert not found.complete
    assert "Incomplete" in repr(found)
    assert len(found.table) == 0


SCRIPT = """
import sys
import measures
from measures import Eager
from models.experiments import sweep
if __name__ == "__main__":
    seconds = [0.01] * 20 + [600]
    found = sweep(
        measures.slow, {"seconds": seconds}, arguments={"mark": sys.argv[1]}, workers=2,
        progress=False,
    )
    print(found.complete, found.table["seconds"].tolist() == [0.01] * 20)
"""


def test_a_real_ctrl_c_ends_idle_and_busy_processes_without_a_word_and_keeps_what_is_done(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    marks = tmp_path / "marks"
    marks.mkdir()
    command = [sys.executable, tmp_path / "script.py", marks]
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=paths,
        start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not list(marks.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(3)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert (out, err, process.returncode) == ("False True\n", "", 0)


@pytest.mark.parametrize("where", [{}, {"executor": "threads"}], ids=["here", "elsewhere"])
def test_a_run_that_fails_is_named_and_the_others_are_kept(where):
    with ThreadPoolExecutor(1) as threads:
        chosen = {"executor": threads} if where else {}
        with pytest.raises(ExperimentError) as caught:
            sweep(measures.failing, {"x": range(10)}, **chosen)
    error = caught.value
    wanted = f"failing(x=3, seed={FIRST_WORDS[0]}) failed: ValueError: three is too much"
    assert str(error) == wanted
    assert error.partial.table["x"].tolist()[:3] == [0, 1, 2]
    assert 3 not in error.partial.table["x"].tolist()
    assert not error.partial.complete


def test_a_process_that_dies_ends_the_experiment_and_the_others_results_are_kept():
    with pytest.raises(ExperimentError, match="a worker process died") as caught:
        sweep(measures.dying, {"x": range(60)}, workers=2)
    kept = caught.value.partial
    assert "\n" not in str(caught.value)
    assert 0 < len(kept.table) < 60
    assert (kept.table["value"] == kept.table["x"]).all()
    assert not kept.complete


def test_an_executor_that_is_shut_down_is_named():
    with ThreadPoolExecutor(1) as threads:
        pass
    with pytest.raises(ExperimentError, match="the executor failed: RuntimeError: cannot schedule"):
        replicate(measures.seen, 2, executor=threads)


BAD = {
    "no function": (lambda: replicate(3), "measure 3 must be a function"),
    "unknown argument": (
        lambda: sweep(measures.slow, {"second": [1]}),
        "measure slow has no argument 'second'; nearest: seconds",
    ),
    "unlike any": (lambda: sweep(measures.squared, {"qqq": [1]}), "'qqq'; it takes x"),
    "missing argument": (lambda: replicate(measures.line), "measure line needs argument 'x'"),
    "by position only": (lambda: replicate(abs), "must take 'x' by name"),
    "seed swept": (lambda: sweep(measures.normal, {"seed": [1]}), "'seed' is set by the exper"),
    "empty grid": (lambda: sweep(measures.normal, {}), "at least one argument"),
    "empty values": (lambda: sweep(measures.normal, {"x": []}), "'x' are an empty list"),
    "a value for a list": (lambda: sweep(measures.normal, {"x": 3}), "must be a list, not 3"),
    "text for a list": (lambda: sweep(measures.normal, {"x": "abc"}), "must be a list, not 'abc'"),
    "no points": (lambda: sweep(measures.normal, []), "at least one point"),
    "points that are none": (lambda: sweep(measures.normal, [1, 2]), "mapping of arguments to"),
    "points unlike": (
        lambda: sweep(measures.normal, [{"x": 1}, {"sd": 1}]),
        "point 1 names sd; the first names x",
    ),
    "too many points": (
        lambda: sweep(measures.normal, {"x": range(10_000), "sd": range(10_000)}),
        "100,000,000 runs are too many; at most 10,000,000",
    ),
    "swept and fixed": (
        lambda: sweep(measures.normal, {"x": [1]}, arguments={"x": 2}),
        "argument 'x' is both swept and fixed",
    ),
    "swept and returned": (
        lambda: sweep(measures.named, {"name": ["x"]}),
        "'name' is both swept and returned",
    ),
    "no replications": (lambda: replicate(measures.seen, 0), r"replications (0) must be a whole"),
    "half a replication": (lambda: replicate(measures.seen, 1.5), "(1.5) must be a whole number"),
    "negative seed": (lambda: replicate(measures.seen, seed=-1), "seed (-1) must be a whole"),
    "confidence in percent": (lambda: replicate(measures.seen, confidence=95), "between 0 and 1"),
    "no precision": (lambda: replicate(measures.seen, relative_precision=0), "must be above 0"),
    "most below the first": (
        lambda: replicate(measures.seen, 9, relative_precision=1, most=5),
        "most (5) must be a whole number of at least 9",
    ),
    "arguments as a list": (lambda: replicate(measures.seen, arguments=[1]), "must be a mapping"),
    "two places": (
        lambda: replicate(measures.seen, executor=Eager(), workers=2),
        "give executor or workers, not both",
    ),
    "a number as executor": (lambda: replicate(measures.seen, executor=2), "say workers="),
    "no workers": (lambda: replicate(measures.seen, workers=0), "workers (0) must be a whole"),
    "many workers": (lambda: replicate(measures.seen, workers="all"), "a number or 'all cores'"),
    "one alternative": (lambda: compare({"a": measures.seen}), "measures (1) must be at least two"),
    "alternatives as a list": (lambda: compare([measures.seen]), "mapping of names"),
    "unknown baseline": (
        lambda: compare({"old": measures.seen, "new": measures.seen}, baseline="odl"),
        "baseline 'odl' must be one of old, new; nearest: old",
    ),
    "a lambda elsewhere": (
        lambda: replicate(lambda *, seed: seed, 2, workers=2),
        "cannot be sent to another process",
    ),
    "a notebook's elsewhere": (
        lambda: replicate(at_a_prompt, 2, workers=2),
        "defined at a prompt or in a notebook",
    ),
    "a notebook's in a pool of one's own": (
        lambda: replicate(at_a_prompt, 2, executor=process_pool(2)),
        "defined at a prompt or in a notebook",
    ),
    "numbers unlike": (lambda: replicate(measures.moody, 9), "not every run returned"),
    "three to break even": (
        lambda: break_even(dict.fromkeys("abc", measures.squared), "x", 0, 1),
        "measures (3) must be two",
    ),
    "low above high": (
        lambda: break_even(measures.squared, "x", 2, 1),
        "low (2) must be below high (1)",
    ),
    "an endless range": (
        lambda: break_even(measures.squared, "x", 0, float("inf")),
        "high (inf) must be a finite number",
    ),
    "zero on a log scale": (
        lambda: break_even(measures.squared, "x", 0, 1, log=True),
        "must be above 0 on a logarithmic scale",
    ),
    "searched and fixed": (
        lambda: break_even(measures.squared, "x", 0, 1, arguments={"x": 1}),
        "argument 'x' is both searched and fixed",
    ),
    "which number": (lambda: break_even(measures.two, "x", 0, 1), "of (None) must be one of cost"),
    "several break-evens": (
        lambda: break_even(measures.wave, "x", 0, 9),
        "the difference changes its sign 2 times, between",
    ),
    "not a number": (
        lambda: break_even(measures.undefined, "x", 0, 1),
        "the difference is not a number where x is 0",
    ),
}


@pytest.mark.parametrize(("call", "said"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_line(call, said, monkeypatch):
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    with pytest.raises(InvalidInputError) as caught:
        call()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("text", "returned 'text' for 'value'; it must be a number"),
        (None, "returned None for 'value'"),
        ([1.0], "returned [1.0] for 'value'"),
        ({}, "returned nothing"),
        ({"seed": 1}, "returned a number called 'seed'"),
        ({1: 1}, "returned a number called 1"),
    ],
)
def test_what_is_no_number_is_refused_in_one_line(given, said):
    with pytest.raises(ExperimentError, match="giving") as caught:
        replicate(functools.partial(measures.giving, given), 2)
    assert said in str(caught.value)


def test_an_infinite_value_leaves_no_interval_and_an_infinite_mean():
    found = replicate(measures.often_infinite, 10)
    assert found.mean() == float("inf")
    assert np.isnan(found.interval()).all()


@pytest.mark.parametrize("given", [2, True, np.float32(2), np.bool_(True), np.array(2.0)])
def test_numbers_of_any_kind_are_numbers(given):
    assert replicate(functools.partial(measures.giving, given), 2).mean() == float(given)


# --- progress --------------------------------------------------------------------------------


def test_what_is_quick_says_nothing(capfd):
    sweep(measures.normal, {"x": range(100)}, 5)
    assert capfd.readouterr() == ("", "")


def test_what_lasts_longer_than_two_seconds_shows_a_bar_on_stderr(capfd):
    replicate(measures.slow, 10, arguments={"seconds": 0.25})
    out, err = capfd.readouterr()
    assert out == ""
    assert "10 [00:02" in err
    replicate(measures.slow, 10, arguments={"seconds": 0.25}, progress=False)
    assert capfd.readouterr() == ("", "")
