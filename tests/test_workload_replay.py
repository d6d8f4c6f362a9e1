"""Files of real traffic, written here: what they hold comes back, what they lack is named."""

import gzip
from datetime import UTC, datetime

import numpy as np
import pytest

from models.distributions import Fixed
from models.errors import InvalidInputError
from models.workload import AtTimes, Counts, Replay, from_alb_access_log, from_counts_csv


@pytest.fixture
def written(tmp_path):
    def write(text, name="traffic.csv"):
        path = tmp_path / name
        data = text.encode() if isinstance(text, str) else text
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


def entry(time, seconds=(0.001, 0.25, 0.0), kind="https", request="GET https://shop:443/a b"):
    """One line as a load balancer writes it."""
    spent = " ".join(f"{one:g}" if one == -1 else f"{one:.3f}" for one in seconds)
    return (
        f"{kind} {time} app/shop/0123456789abcdef 203.0.113.9:50123 10.0.1.7:8080 {spent} 200 200"
        f' 412 5120 "{request} HTTP/1.1" "agent/1.0 (test)" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2'
        " arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
        f' "Root=1-0-0" "shop" "arn:aws:acm:cert" 0 {time} "forward" "-" "-" "10.0.1.7:8080" "200"'
        ' "-" "-"'
    )


MINUTES = "time,count\n2026-03-02T08:00:00Z,120\n2026-03-02T08:01:00Z,0\n2026-03-02T08:02:00Z,7\n"


@pytest.mark.parametrize(
    "text",
    [
        MINUTES,
        MINUTES.replace("Z", ""),
        MINUTES.replace("T08", "T10").replace("Z", "+02:00"),
        MINUTES.replace("time,count", "\ufeffTimestamp, Value"),
        MINUTES.replace("\n", "\r\n") + "\r\n",
        "count,note,time\n120,,1772438400\n0,quiet,1772438460\n7.0,,1772438520\n",
        "RequestCount,timestamp\n120.0,2026-03-02 08:00\n0.0,2026-03-02 08:01\n7,2026-03-02 08:02",
    ],
    ids=["plain", "no zone", "zone", "CloudWatch", "Windows", "Unix", "other order"],
)
def test_a_file_of_counts_is_replayed_exactly(written, text):
    trace = from_counts_csv(written(text), work=Fixed(seconds=1), seed=4, clients=5)
    assert trace == Counts(
        interval_seconds=60, requests=[120, 0, 7], duration_seconds=180, seed=4, clients=5,
        work=Fixed(seconds=1), start=datetime(2026, 3, 2, 8, tzinfo=UTC),
    )  # fmt: skip


def test_seconds_since_the_start_leave_the_start_as_it_is(written):
    trace = from_counts_csv(written("time,count\n0,5\n0.5,6\n1,0\n"))
    assert (trace.interval_seconds, trace.duration_seconds) == (0.5, 1.5)
    assert trace.start == Counts(interval_seconds=1, requests=[1], duration_seconds=1).start


def test_a_compressed_file_is_read_as_well(written):
    assert from_counts_csv(written(MINUTES, "a.csv.gz")) == from_counts_csv(written(MINUTES))


def test_minutes_without_requests_may_be_left_out_where_told(written):
    path = written("time,count\n0,5\n180,6\n240,7\n")
    assert from_counts_csv(path, gaps_are_zero=True).requests.tolist() == [5, 0, 0, 6, 7]
    with pytest.raises(InvalidInputError, match=r"traffic.csv:4: comes 60 s .* here by 180 s"):
        from_counts_csv(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r":1: must have a column named one of time, timestamp; it has none"),
        ("when,count\n1,2\n", r":1: must have a column named one of time.* it has when, count"),
        ("time,hits\n1,2\n", r":1: must have a column named one of count, value"),
        ("time,count\n", "has 0 rows .* at least two"),
        ("time,count\n1,2\n", "has 1 rows .* at least two"),
        ("time,count\n1,2\nsoon,3\n", r"csv:3: 'soon, 3' must hold a time"),
        ("time,count\n1,2\n2\n", r"csv:3: '2' must hold a time"),
        ("time,count\n1,2\n2,many\n", r"csv:3: '2, many' must hold"),
        ("time,count\n1,2\n2,-1\n", r"csv:3: count '-1' must be a whole number"),
        ("time,count\n1,2\n2,1.5\n", r"csv:3: count '1.5' must be a whole number"),
        ("time,count\n1,2\n2,nan\n", r"csv:3: count 'nan' must be"),
        ("time,count\n1,2\n2,inf\n", r"csv:3: count 'inf' must be"),
        ("time,count\nnan,2\n2,2\n", r"csv:2: time 'nan' must be a date"),
        ("time,count\n-5,2\n2,2\n", r"csv:2: time '-5' must be a date"),
        ("time,count\n1772438400000,2\n2,2\n", r"csv:2: time '1772438400000' must be"),
        ("time,count\n0,1\n60,1\n30,1\n", r"csv:4: its time is 30 s before or at"),
        ("time,count\n0,1\n0,1\n", r"csv:3: its time is .* times must rise"),
        ("time,count\n0,1\n60,1\n180,1\n", r"csv:4: comes 120 s after .* gaps_are_zero=True"),
        ("time,count\n0,1\n60,1\n119,1\n", r"csv:4: comes 59 s after"),
        ("time,count\n0,0\n60,0\n", "0 requests are expected"),
        ("time,count\n0,1e10\n60,1e11\n", "at most 100,000,000,000"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_file_that_holds_no_counts_is_refused_by_its_line(written, text, message):
    with pytest.raises(InvalidInputError, match=message):
        from_counts_csv(written(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,count\n0,1\n60,1\n150,1\n", r"csv:4: comes 90 s after"),
        ("time,count\n0,1\n0.001,1\n1000000,1\n", "covers 1,000,000,001 intervals"),
    ],
)
def test_gaps_must_be_whole_intervals_and_not_endless(written, text, message):
    with pytest.raises(InvalidInputError, match=message):
        from_counts_csv(written(text), gaps_are_zero=True)


@pytest.mark.parametrize("name", ["access.log", "access.log.gz"])
def test_an_access_log_gives_when_requests_arrived_and_how_long_they_took(written, name):
    lines = [
        entry("2026-03-02T08:00:03.500000Z", (0.0, 0.25, 0.0)),
        entry("2026-03-02T08:00:02.000000Z", (0.1, 0.5, 0.4), kind="h2"),
        "",
        entry("2026-03-02T08:00:09.750000Z", (-1, -1, -1), request="- http://shop:80-"),
        entry("2026-03-02T08:00:08.000000Z", (0.0, 3.0, -1), kind="ws"),
    ]
    trace = from_alb_access_log(written("\n".join(lines), name), seed=2, clients=3)
    assert isinstance(trace, AtTimes)
    assert trace.start == datetime(2026, 3, 2, 8, 0, 1, tzinfo=UTC)
    assert trace.times == pytest.approx([0, 2.25, 4, 8.75])
    # The one without an answer takes as long as the others on average.
    assert trace.work_seconds == pytest.approx([0.5, 0.25, 3.0, 1.25])
    assert trace.duration_seconds == pytest.approx(9.75)
    assert (trace.seed, trace.clients) == (2, 3)


def test_the_work_of_a_log_has_the_mean_and_spread_of_its_requests(written):
    times = np.random.default_rng(2).lognormal(-2, 0.8, 5000).round(3)
    lines = [
        entry(f"2026-03-02T08:{i // 60 % 60:02}:{i % 60:02}.000001Z", (0, seconds, 0))
        for i, seconds in enumerate(times)
    ]
    trace = from_alb_access_log(written("\n".join(lines), "access.log"))
    found = np.concatenate([chunk.work for chunk in trace.chunks()])
    assert sorted(found) == sorted(times)
    assert trace.work.mean_seconds == pytest.approx(times.mean(), rel=0.003)
    assert trace.work.cv2 == pytest.approx(times.var() / times.mean() ** 2, rel=0.03)


GOOD = entry("2026-03-02T08:00:02.000000Z")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no entries"),
        (f"{GOOD}\nnot an entry\n", r"access.log:2: must be an entry"),
        (f"{GOOD}\n\n{GOOD[:60]}\n", r"access.log:3: must be an entry"),
        (GOOD.replace("https ", "tcp ", 1), r"access.log:1: must be an entry"),
        (GOOD.replace("2026-03-02T", "yesterday", 1), r"access.log:1: must be an entry"),
        (GOOD.replace("000000Z", "000000", 1), r"access.log:1: must be an entry"),
        (GOOD.replace("0.250", "-0.250"), r"access.log:1: must be an entry"),
        (GOOD.replace("0.250", "nan"), r"access.log:1: must be an entry"),
        (GOOD.replace("0.250", "-1"), "no entry has a target_processing_time above 0 s"),
    ],
)
def test_a_file_that_is_no_access_log_is_refused_by_its_line(written, text, message):
    with pytest.raises(InvalidInputError, match=message):
        from_alb_access_log(written(text, "access.log"))


@pytest.mark.parametrize("read", [from_counts_csv, from_alb_access_log])
def test_a_file_that_cannot_be_read_is_refused(read, tmp_path, written):
    with pytest.raises(InvalidInputError, match="there is no such file"):
        read(tmp_path / "none")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read(tmp_path)
    broken = written("a", "a.gz")
    for data in (b"not compressed", gzip.compress(b"")[:-4]):
        broken.write_bytes(data)
        with pytest.raises(InvalidInputError, match="cannot be read"):
            read(broken)


def test_a_scenario_names_the_file_and_how_to_read_it(written):
    counts, log = written(MINUTES), written(GOOD, "access.log")
    work = Fixed(seconds=2)
    assert Replay(path=counts, work=work, seed=3).trace() == from_counts_csv(
        counts, work=work, seed=3
    )
    assert Replay(path=log, format="alb", clients=4).trace() == from_alb_access_log(log, clients=4)
    gaps = written(MINUTES.replace("08:01", "08:00:30"), "gaps.csv")
    assert len(Replay(path=gaps, gaps_are_zero=True).trace().requests) == 5
    with pytest.raises(InvalidInputError, match="format: 'csv' must be one of 'counts' or 'alb'"):
        Replay(path=counts, format="csv")
    with pytest.raises(InvalidInputError, match="work must be left out with format 'alb'"):
        Replay(path=log, format="alb", work=work)
