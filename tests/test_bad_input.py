"""What a person or a machine can get wrong: one clear line, exit status 2, nothing left behind."""

import math
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from models.comparison import Pricing
from models.errors import ModelError
from models.files import DATA
from models.scenario import Scenario
from running import costlab, refusal

BASE = Scenario.bundled()["three-tier-web"].read_text()
SMALL = "name: x\nresources:\n  nat:\n    type: ec2.NatGateway\n"


def deep(levels: int) -> str:
    return "name: " + "[" * levels + "]" * levels + "\n"


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

BAD_TEXTS = {
    "an empty file": ("", "must be a mapping"),
    "a list": ("- a\n- b\n", "must be a mapping"),
    "a number": ("42\n", "must be a mapping"),
    "only a comment": ("# nothing\n", "must be a mapping"),
    "no resources": ("name: x\n", "resources: is missing"),
    "empty resources": ("name: x\nresources: {}\n", "at least one resource"),
    "resources as a list": ("name: x\nresources: [a]\n", "must be a mapping of names"),
    "no name": (SMALL.replace("name: x\n", ""), "name: is missing"),
    "an unknown key": (SMALL + "regoin: us-east-1\n", "nearest: region"),
    "an unknown region": (SMALL + "region: eu-west-11\n", "nearest: eu-west-"),
    "an unknown month": (SMALL + "billing_period: 2026-13\n", "YYYY-MM"),
    "a day for a month": (SMALL + "billing_period: 2026-11-01\n", "YYYY-MM"),
    "an unknown resource type": (SMALL.replace("NatGateway", "NatGatway"), "nearest: ec2.NatG"),
    "a resource without type": ("name: x\nresources:\n  nat: {}\n", "type: is missing"),
    "a resource that is text": ("name: x\nresources:\n  nat: big\n", "must be a mapping"),
    "a negative quantity": (SMALL + "    processed_gb: -1\n", "-1 must not be negative"),
    "not a number": (SMALL + "    processed_gb: .nan\n", "must be a finite number"),
    "an infinity": (SMALL + "    processed_gb: .inf\n", "must be a finite number"),
    "a number beyond floats": (SMALL + f"    processed_gb: {'9' * 400}\n", "finite number"),
    "text for a number": (SMALL + "    processed_gb: lots\n", "'lots' must be a number"),
    "a boolean for a number": (SMALL + "    processed_gb: true\n", "must be a number"),
    "a fraction for a count": (SMALL + "    count: 1.5\n", "must be a whole number"),
    "hours beyond the month": (SMALL + "    hours: 9999\n", "hours"),
    "an unknown instance type": (
        "name: x\nresources:\n  a: {type: ec2.Instance, instance_type: t3.gigantic}\n",
        "BoxUsage:t3.gigantic has no price",
    ),
    "a volume type that is none": (
        "name: x\nresources:\n  a: {type: ec2.Volume, size_gb: 1, volume_type: gp9}\n",
        "must be one of 'gp2', 'gp3'",
    ),
    "a duplicate key": (SMALL + "    count: 1\n    count: 2\n", "key 'count' occurs twice"),
    "an alias bomb": (BOMB, "not allowed"),
    "a merge key": (SMALL + "    <<: {count: 2}\n", "merge keys"),
    "a Python tag": ("!!python/object/apply:os.system [true]\n", "tags"),
    "deep nesting": (deep(200), "nested deeper than 20"),
    "very deep nesting": (deep(200_000), "nested deeper than 20"),
    "many values": (SMALL + "assumptions: [" + "a," * 30_000 + "]\n", "more than 20,000 values"),
    "two documents": (SMALL + "---\n" + SMALL, "second document"),
    "a tab for a blank": ("name: x\nresources:\n\tnat: 1\n", "is not YAML"),
    "an open bracket": ("name: [x\n", "is not YAML"),
    "a control character": ("name: \x07\n", "is not YAML"),
    "a name of two lines": (SMALL.replace("name: x", 'name: "a\\nb"'), "printable text"),
    "a mapping for a key": ("? {a: 1}\n: 2\n", "key must be text"),
}


@pytest.mark.parametrize(("text", "said"), BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_bad_scenario_is_refused_in_one_line_and_nothing_is_written(tmp_path, text, said):
    file = tmp_path / "lab.yaml"
    file.write_text(text, encoding="utf-8")
    message = refusal("report", file, "--out", tmp_path / "out")
    assert said in message
    assert "lab.yaml" in message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lab.yaml"]


def test_a_file_of_100_mb_is_refused_without_being_read(tmp_path):
    file = tmp_path / "huge.yaml"
    with file.open("wb") as sparse:
        sparse.truncate(100 * 1024 * 1024)
    assert "is 104,857,600 bytes; a scenario has at most 1,048,576" in refusal("bill", file)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00name", b"name: \x00\n", b"\x80\x81"])
def test_bytes_that_are_no_text_are_refused(tmp_path, content):
    file = tmp_path / "lab.yaml"
    file.write_bytes(content)
    assert "lab.yaml" in refusal("bill", file)


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    assert "must be a file" in refusal("bill", tmp_path)
    assert "there is no such file" in refusal("bill", tmp_path / "none.yaml")


def test_a_misspelt_bundled_scenario_is_answered_with_the_nearest():
    assert "nearest: three-tier-web" in refusal("bill", "three-teir-web")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "must be a file" in refusal("bill", tmp_path / "pipe.yaml")


def test_an_output_that_is_a_file_is_refused_and_kept(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("mine")
    refusal("report", "three-tier-web", "--out", taken)
    assert taken.read_text() == "mine"


def test_a_refused_change_leaves_the_old_report_alone(tmp_path):
    out = tmp_path / "out"
    assert costlab("report", "three-tier-web", "--out", out).status == 0
    before = {path: path.read_bytes() for path in out.iterdir()}
    refusal("report", "three-tier-web", "--out", out, "--set", "nat.count=-1")
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_a_real_process_writes_one_line_and_exits_with_2(tmp_path):
    (tmp_path / "lab.yaml").write_text("name: [")
    command = [Path(sys.executable).parent / "costlab", "bill", tmp_path / "lab.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


# --- mutated scenarios: a clean refusal or a right answer, and nothing else -------------------

ODD_VALUES = (
    "-1", "0", "1e308", "1e-300", ".nan", ".inf", "-.inf", "true", "null", "~", "''", "[]", "{}",
    "[1, 2]", "{a: 1}", "1.5", "9" * 400, "2026-11", "typical", "x" * 5000, "'=1+1'",
    "'<script>alert(1)</script>'", "'\u202e\u0000'", "\"\\u0007\"", "\U0001f4a5", "-0.0", "1_0",
    "0x1F", "12:30", "!!str 1", "&a 1", "*a",
)  # fmt: skip


def mutant(rng: random.Random) -> bytes:
    """One bundled scenario with one or two things wrong with it, or changed harmlessly."""
    text = rng.choice(list(Scenario.bundled().values())).read_text()
    for _ in range(rng.randint(1, 2)):
        text = rng.choice(MUTATIONS)(rng, text)
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        data = flip_bytes(rng, data)
    return data


def edit_line(change):
    def mutate(rng, text):
        lines = text.splitlines() or [""]
        at = rng.randrange(len(lines))
        lines[at : at + 1] = change(rng, lines[at], lines)
        return "\n".join(lines) + "\n"

    return mutate


def odd_value(rng, line, _):
    key, colon, _value = line.partition(":")
    return [f"{key}{colon} {rng.choice(ODD_VALUES)}" if colon else line]


def other_number(rng, line, _):
    return [re.sub(r": \d+$", f": {rng.choice((0, 1, 2, 3, 45, 600, 10_000))}", line)]


def renamed_key(rng, line, _):
    key, colon, value = line.partition(":")
    at = rng.randrange(len(key) + 1)
    return [key[:at] + rng.choice("abcxyz_-<=&*!\u00e9") + key[at + 1 :] + colon + value]


MUTATIONS = (
    edit_line(odd_value),
    edit_line(odd_value),
    edit_line(other_number),
    edit_line(other_number),
    edit_line(other_number),
    edit_line(other_number),
    edit_line(renamed_key),
    edit_line(lambda rng, line, lines: []),
    edit_line(lambda rng, line, lines: [line, line]),
    edit_line(lambda rng, line, lines: [line, rng.choice(lines)]),
    edit_line(lambda rng, line, lines: [" " * rng.randint(1, 6) + line]),
    edit_line(lambda rng, line, lines: [line.strip()]),
    edit_line(lambda rng, line, lines: [line, "    " + "[" * rng.randint(1, 3000)]),
    lambda rng, text: text[: rng.randrange(len(text) + 1)],
)


def flip_bytes(rng, data):
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def judge(data: bytes, file: Path) -> str:
    """Read and bill a mutant; anything but a refusal or a right answer raises."""
    file.write_bytes(data)
    try:
        scenario = Scenario.load(file)
        if scenario.alternatives:
            return judge_alternatives(scenario)
        bill = scenario.bill()
    except ModelError:
        assert refusal("bill", file)
        return "refused"
    total = math.fsum(float(line.quantity) * line.unit_price_usd for line in bill.lines)
    assert math.isfinite(total)
    assert bill.total_usd == pytest.approx(total)
    assert all(np_ok(line) for line in bill.lines)
    assert costlab("bill", file).status == 0
    return "priced"


def judge_alternatives(scenario: Scenario) -> str:
    """Price every alternative in closed form, or find it infeasible."""
    trace, pricing = scenario.traffic(), Pricing(scenario.period, scenario.free_tier)
    for architecture in scenario.architectures().values():
        cost = pricing.expected_usd(architecture, trace)
        assert cost >= 0 or architecture.obstacles(trace)
    return "priced"


def np_ok(line) -> bool:
    return math.isfinite(float(line.quantity)) and float(line.quantity) >= 0


def run_mutants(count: int, seed: int, tmp_path: Path) -> dict[str, int]:
    rng = random.Random(seed)
    ends = {"refused": 0, "priced": 0}
    for number in range(count):
        data = mutant(rng)
        try:
            ends[judge(data, tmp_path / "mutant.yaml")] += 1
        except Exception as error:
            pytest.fail(f"mutant {number} of seed {seed}: {error!r}\n{data[:2000]!r}")
    return ends


def test_200_mutated_scenarios_are_refused_cleanly_or_priced_rightly(tmp_path):
    ends = run_mutants(200, seed=20261120, tmp_path=tmp_path)
    assert min(ends.values()) >= 20, ends


@pytest.mark.long
def test_2000_mutated_scenarios_are_refused_cleanly_or_priced_rightly(tmp_path):
    ends = run_mutants(2000, seed=7, tmp_path=tmp_path)
    assert min(ends.values()) >= 200, ends


# --- price files -------------------------------------------------------------------------------


def spoiled(tmp_path: Path, change) -> Path:
    """A copy of the data folder with one price file changed."""
    for name in ("free_tier.csv", "free_tier_credits.csv", "regions.csv", "tier_pools.csv"):
        (tmp_path / name).write_bytes((DATA / name).read_bytes())
    (tmp_path / "prices").mkdir()
    text = (DATA / "prices" / "AWSELB.csv").read_text()
    (tmp_path / "prices" / "AWSELB.csv").write_text(change(text))
    return tmp_path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: "", "the file is empty"),
        (lambda text: text.splitlines()[0] + "\n", "no prices"),
        (lambda text: text[: len(text) // 2], "is the file truncated?"),
        (lambda text: text + text.splitlines()[1] + "\n", "duplicate tier"),
        (lambda text: text.replace(",0,Inf,", ",0,10,", 1), "must end at Inf"),
        (lambda text: text.replace(",0,Inf,", ",5,Inf,", 1), "must start at 0"),
        (lambda text: text.replace(",high\n", ",sure\n", 1), "confidence 'sure'"),
    ],
    ids=["empty", "header only", "truncated", "duplicate", "no end", "no start", "confidence"],
)
def test_a_spoiled_price_file_is_refused_by_line(tmp_path, monkeypatch, change, said):
    monkeypatch.setattr("models.prices.catalogue.DATA", spoiled(tmp_path, change))
    message = refusal("price", "AWSELB", "LCUUsage")
    assert said in message
    assert "AWSELB.csv" in message


def test_an_unknown_field_called_like_an_alternative_is_named():
    from models.workload import Constant

    with pytest.raises(ModelError, match=r"Constant.fixed: there is no such field"):
        Constant(rate_per_second=1, duration_seconds=60, fixed=1)
