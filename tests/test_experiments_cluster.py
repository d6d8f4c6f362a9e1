"""Experiments on a real Dask cluster of this machine: a scheduler and two worker processes."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import measures
from models.errors import InvalidInputError
from models.experiments import ExperimentError, compare, executor_of, replicate, sweep

TESTS = Path(__file__).parent
#: No dashboard, no ports but its own, and nothing of this machine's settings.
QUIET = {"DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error", "DASK_CONFIG": os.devnull}


def test_distributed_is_installed():
    """The other tests need it; `make test` installs it with everything in requirements.lock."""
    assert importlib.util.find_spec("distributed"), (
        "the library distributed is missing: pip install -r requirements.lock"
    )


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def dask(*arguments):
    """A process of Dask's command line that finds this folder's measures."""
    paths = {**os.environ, **QUIET, "PYTHONPATH": str(TESTS)}
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *map(str, arguments)],
        env=paths, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@contextmanager
def processes():
    """Collects processes and ends them, dead or alive."""
    found = []
    try:
        yield found
    finally:
        for process in found:
            process.kill()
            process.wait()


class Cluster:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, started, folder):
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.scheduler = dask("scheduler", "--host", self.address, "--no-dashboard", "--no-show")
        started.append(self.scheduler)
        self._started, self._folder = started, folder

    def add_worker(self):
        worker = dask(
            "worker", self.address, "--nthreads", 1, "--no-nanny", "--no-dashboard",
            "--memory-limit", 0, "--local-directory", self._folder,
        )  # fmt: skip
        self._started.append(worker)
        return worker

    @contextmanager
    def executor(self, *, workers):
        """Of this cluster, once so many workers are there."""
        from distributed import default_client

        found = executor_of(self.address, timeout_seconds=30)
        try:
            default_client().wait_for_workers(workers, timeout=30)
            yield found
        finally:
            default_client().close()


@pytest.fixture
def cluster(tmp_path):
    with processes() as started:
        yield Cluster(started, tmp_path)


@pytest.fixture(scope="module")
def executor(tmp_path_factory):
    with processes() as started:
        cluster = Cluster(started, tmp_path_factory.mktemp("dask"))
        cluster.add_worker()
        cluster.add_worker()
        with cluster.executor(workers=2) as found:
            yield found


def test_a_cluster_gives_the_same_bits_as_this_process(executor):
    over = {"x": [1.0, 2.0, 3.0]}
    assert sweep(measures.two, over, 20, executor=executor).table.equals(
        sweep(measures.two, over, 20).table
    )
    sides = {"a": measures.normal, "b": (measures.normal, {"x": 1.0})}
    assert compare(sides, 20, executor=executor).table.equals(compare(sides, 20).table)


def test_a_function_of_a_script_or_notebook_travels_by_itself(executor):
    found = replicate(lambda *, seed: seed + 0.5, 4, executor=executor)
    assert (found.table["value"] == found.table["seed"] + 0.5).all()


def test_a_run_that_fails_is_named(executor):
    with pytest.raises(ExperimentError, match=r"failing\(x=3, seed=.* failed: Val") as caught:
        replicate(measures.failing, 1, arguments={"x": 3}, executor=executor)
    assert "\n" not in str(caught.value)


def test_a_run_costs_less_than_5_ms_on_top_of_its_own_time(executor):
    replicate(measures.seen, 10, executor=executor)
    started = time.perf_counter()
    replicate(measures.seen, 1000, executor=executor)
    assert (time.perf_counter() - started) / 1000 < 0.005


def kill_once_at_work(process, marks):
    """Kill a worker some runs after its first, from aside."""

    def kill():
        deadline = time.monotonic() + 30
        while not (marks / str(process.pid)).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.5)
        process.kill()

    aside = threading.Thread(target=kill)
    aside.start()
    return aside


def test_what_a_killed_worker_had_is_run_again_and_nothing_else_changes(cluster, tmp_path):
    victim, other = cluster.add_worker(), cluster.add_worker()
    marks = tmp_path / "marks"
    marks.mkdir()
    with cluster.executor(workers=2) as executor:
        aside = kill_once_at_work(victim, marks)
        found = replicate(measures.slow, 60, arguments={"mark": str(marks)}, executor=executor)
        aside.join()
    assert victim.poll() == -signal.SIGKILL
    assert {mark.name for mark in marks.iterdir()} == {str(victim.pid), str(other.pid)}
    assert found.complete
    assert found.table.equals(replicate(measures.slow, 60, arguments={"seconds": 0}).table)


def test_without_a_scheduler_the_experiment_ends_and_keeps_what_is_done(cluster):
    cluster.add_worker()
    with cluster.executor(workers=1) as executor:
        aside = threading.Timer(1.5, cluster.scheduler.kill)
        aside.start()
        with pytest.raises(ExperimentError, match="its scheduler has gone") as caught:
            replicate(measures.slow, 200, executor=executor)
        aside.join()
    kept = caught.value.partial.table
    assert 0 < len(kept) < 200
    whole = replicate(measures.slow, 200, arguments={"seconds": 0}).table
    assert kept["value"].tolist() == whole["value"][kept["replication"]].tolist()


def test_a_scheduler_without_workers_is_refused_in_one_line(cluster):
    with pytest.raises(InvalidInputError, match="has no worker after 3 s; start one") as caught:
        executor_of(cluster.address, timeout_seconds=3)
    assert "\n" not in str(caught.value)


@pytest.fixture
def silent():
    """The address of somebody who listens and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "no-such-host.invalid:8786", "localhost", "http://127.0.0.1:1"]
)
def test_an_address_where_nobody_answers_is_refused_in_one_line(address):
    refused_soon(address)


def test_an_address_where_somebody_else_answers_is_refused_in_one_line(silent, monkeypatch):
    refused_soon(silent)
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", silent)
    refused_soon(None, silent)


def refused_soon(address, named=""):
    started = time.monotonic()
    with pytest.raises(InvalidInputError, match="no Dask scheduler answers at") as caught:
        executor_of(address, timeout_seconds=1)
    assert time.monotonic() - started < 4
    assert (named or address) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_the_library_the_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InvalidInputError, match="pip install distributed"):
        executor_of("tcp://127.0.0.1:8786")
