"""The command line, ``costlab``: prices, bills, reports, exercises. The only module that prints.

A mistake of the user's is one line on stderr and exit status 2. Heavy modules are imported by the
command that needs them, so that ``costlab --help`` is quick.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from models.errors import InvalidInputError, ModelError

if TYPE_CHECKING:
    from models.billing import Bill
    from models.prices import Price
    from models.scenario import Scenario

USAGE_ERROR = 2
INTERRUPTED = 130

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
set_option = click.option(
    "--set", "settings", multiple=True, metavar="PATH=VALUE",
    help="Change a value of the scenario, e.g. nat.count=1; may be repeated.",
)  # fmt: skip


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cloud-cost-scaling-lab", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """See what an AWS architecture costs, offline, from dated and sourced list prices."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command()
@click.argument("service_code")
@click.argument("usage_type")
@click.option("--region", default="us-east-1", show_default=True, help="AWS region code.")
@click.option("--operation", default="", help="AWS operation, where it decides the price.")
@json_option
def price(service_code: str, usage_type: str, region: str, operation: str, as_json: bool) -> None:
    """Show a list price with its tiers, date and source.

    For example: costlab price AmazonEC2 NatGateway-Hours --region eu-west-1
    """
    from models.prices import Catalogue

    found = Catalogue.load().find_all(service_code, usage_type, region=region, operation=operation)
    if as_json:
        _print_json([_price_data(one) for one in found])
    else:
        click.echo("\n\n".join(_price_text(one) for one in found))


@cli.command()
@click.argument("scenario")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
@set_option
@json_option
def report(scenario: str, out: Path, settings: Sequence[str], as_json: bool) -> None:
    """Write a cost report of SCENARIO, a YAML file or the name of a bundled one.

    With --set, the report also shows the difference it makes.
    """
    from models.report import write_report
    from models.scenario import Scenario

    given = Scenario.load(scenario)
    changed = given.with_settings(settings)
    written = write_report(changed, out, baseline=given if settings else None)
    total = float(changed.bill().total_usd)
    if as_json:
        before = {"baseline_total_usd": float(given.bill().total_usd)} if settings else {}
        files = [str(path) for path in written]
        _print_json({"scenario": changed.name, "total_usd": total, **before, "files": files})
    else:
        click.echo(_total_text(changed, total))
        click.echo(f"Report: {out / 'index.html'}")


@cli.command()
@click.argument("scenario")
@set_option
@json_option
def bill(scenario: str, settings: Sequence[str], as_json: bool) -> None:
    """Print the bill of SCENARIO as an invoice."""
    from models.scenario import Scenario

    loaded = Scenario.load(scenario).with_settings(settings)
    made = loaded.bill()
    if as_json:
        _print_json(_bill_data(loaded, made))
    else:
        click.echo(f"{loaded.name}\n{made}")


@cli.command()
@click.argument("scenario")
@set_option
@click.option("--seed", default=0, show_default=True, help="Of the control plane's chances.")
@click.option("--engine", default="compiled", show_default=True, help="compiled, readable, fluid.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for figure and tables.")
@json_option
def simulate(
    scenario: str, *, settings: Sequence[str], seed: int, engine: str, out: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Run the workload of SCENARIO through its Auto Scaling groups, and price the month.

    For example: costlab simulate flash-sale --set web.min_size=6
    """
    from models.report.simulated import run_records, run_text, write_run
    from models.scenario import Scenario

    loaded = Scenario.load(scenario).with_settings(settings)
    run = loaded.simulate(seed=seed, engine=engine)
    made = loaded.bill_of(run)
    written = write_run(loaded, run, made, out) if out else []
    if as_json:
        files = [str(path) for path in written]
        _print_json({**run_records(loaded, run, made), "files": files})
    else:
        click.echo(run_text(loaded, run, made))
        if out:
            click.echo(f"Files: {out / 'index.html'}")


@cli.command()
@click.argument("scenario")
@set_option
@click.option("--replications", default=8, show_default=True, help="Runs of each alternative.")
@click.option("--seed", default=0, show_default=True, help="Of the replications.")
@click.option("--workers", default="1", show_default=True, help="Processes: a number, or all.")
@click.option("--scheduler", help="Address of a Dask scheduler, in place of processes.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the report.")
@json_option
def compare(
    scenario: str, *, settings: Sequence[str], replications: int, seed: int, workers: str,
    scheduler: str | None, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Run the workload of SCENARIO through each of its alternatives, and price the months.

    For example: costlab compare api-backends --set workload.high_per_second=100 --out comparison
    """
    from models.comparison import compare_scenario
    from models.experiments import executor_of
    from models.report.compared import write_comparison
    from models.scenario import Scenario

    loaded = Scenario.load(scenario).with_settings(settings)
    on_cluster = scheduler or "DASK_SCHEDULER_ADDRESS" in os.environ
    executor = executor_of(scheduler) if on_cluster else None
    found = compare_scenario(
        loaded, replications=replications, seed=seed, executor=executor,
        workers=None if executor else _processes(workers), progress=sys.stderr.isatty(),
    )  # fmt: skip
    written = write_comparison(loaded, found, out) if out else []
    if as_json:
        _print_json(found.records())
        return
    click.echo(f"{loaded.name}\n{found}")
    if written:
        click.echo(f"Report: {written[0]}")


def _processes(workers: str) -> int | str | None:
    """How many processes to start; none for a single one."""
    if workers == "all":
        return "all cores"
    if not workers.isdecimal() or not int(workers):
        raise InvalidInputError(f"--workers {workers!r} must be a number from 1 on, or all")
    return int(workers) if int(workers) > 1 else None


@cli.command()
@json_option
def architectures(as_json: bool) -> None:
    """List the named architectures with their arguments."""
    from models.architectures import listed

    found = listed()
    if as_json:
        _print_json(found)
        return
    for one in found:
        click.echo(f"{one['id']}: {one['summary']}")
        given = ", ".join(f"{each['name']}={each['default']!r}" for each in one["arguments"])
        click.echo(f"  {given}")


@cli.command()
@json_option
def scenarios(as_json: bool) -> None:
    """List the scenarios that ship with the project."""
    from models.scenario import Scenario

    found = {name: Scenario.load(path) for name, path in Scenario.bundled().items()}
    if as_json:
        _print_json(
            [
                {"id": name, "name": one.name, "description": one.description}
                for name, one in found.items()
            ]
        )
    else:
        _print_table(("scenario", "what it is"), [(name, one.name) for name, one in found.items()])


@cli.command()
@json_option
def services(as_json: bool) -> None:
    """List AWS services: modelled, estimated or left out."""
    from models.coverage import coverage

    found = coverage()
    if as_json:
        _print_json([one.as_dict() for one in found])
    else:
        _print_table(
            ("id", "status", "name", "prices", "newest", "regions"),
            [
                (
                    one.id,
                    one.status,
                    one.name,
                    str(one.prices),
                    one.price_date,
                    ", ".join(one.regions),
                )
                for one in found
            ],
        )


@cli.command()
@click.option("--out", type=click.Path(path_type=Path), help="File to write; default: print.")
@click.option("--json", "as_json", is_flag=True, help="The schema is JSON in any case.")
def schema(out: Path | None, as_json: bool) -> None:
    """Print the JSON Schema of a scenario file, for editors."""
    from models.files import write_atomically
    from models.scenario import Scenario

    text = json.dumps(Scenario.json_schema(), indent=2)
    if out:
        write_atomically(out, text + "\n")
    else:
        click.echo(text)


@cli.command()
@click.argument("topic", required=False)
@click.option("--list", "as_list", is_flag=True, help="List exercises without their questions.")
@json_option
def quiz(topic: str | None, as_list: bool, as_json: bool) -> None:
    """Show the exercises of TOPIC, or all of them."""
    from models.exercises import exercises
    from models.exercises import quiz as questions

    if as_json:
        _print_json(
            [
                {
                    "id": one.id, "topic": one.topic, "kind": one.kind, "lesson": one.lesson,
                    "difficulty": one.difficulty, "question": one.question, "unit": one.unit,
                    "source": one.source,
                }
                for one in exercises(topic=topic)
            ]
        )  # fmt: skip
    elif as_list:
        _print_table(
            ("id", "topic", "difficulty"),
            [(one.id, one.topic, str(one.difficulty)) for one in exercises(topic=topic)],
        )
    else:
        click.echo(str(questions(topic)))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("exercise_id")
@click.argument("answer")
@json_option
def check(exercise_id: str, answer: str, as_json: bool) -> None:
    """Mark ANSWER to an exercise; the models compute the right one."""
    from models.exercises import check as mark

    try:
        number = float(answer.replace(",", "").removeprefix("$"))
    except ValueError:
        raise InvalidInputError(f"answer {answer!r} must be a number") from None
    marked = mark(exercise_id, number)
    if as_json:
        _print_json({"id": exercise_id, "right": bool(marked), "feedback": str(marked)})
    else:
        click.echo(str(marked))


@cli.command()
@click.argument("exercise_id")
@click.argument("level", type=int, default=1)
@json_option
def hint(exercise_id: str, level: int, as_json: bool) -> None:
    """Help with an exercise: LEVEL 1 is a first look, 4 the worked solution."""
    from models.exercises import hint as help_with

    note = help_with(exercise_id, level)
    if as_json:
        _print_json({"id": exercise_id, "level": level, "hint": str(note)})
    else:
        click.echo(str(note))


@cli.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
@click.option(
    "--notebooks", type=click.Path(path_type=Path), default=Path("notebooks"), show_default=True,
    help="Folder that holds the notebooks.",
)  # fmt: skip
@json_option
def gallery(out: Path, notebooks: Path, as_json: bool) -> None:
    """Run every notebook and render it to self-contained HTML."""
    from models.gallery import write_gallery

    written = write_gallery(notebooks, out, progress=_progress)
    if as_json:
        _print_json({"files": [str(path) for path in written]})
    else:
        click.echo(f"Gallery: {out / 'index.html'}")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 when done, 2 on a mistake of the user's."""
    try:
        cli.main(arguments, prog_name="costlab", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        _fail(error.format_message())
    except ModelError as error:
        _fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _fail(f"{error.filename or 'a file'}: {error.strerror or error}")
    sys.exit(0)


def _fail(message: str) -> NoReturn:
    """One line on stderr, whatever the message holds, and exit status 2."""
    line = " ".join(message.split())
    click.echo(f"costlab: {''.join(c if c.isprintable() else '?' for c in line)}", err=True)
    sys.exit(USAGE_ERROR)


def _progress(items: Sequence[Any]) -> Iterable[Any]:
    """Show a bar on stderr, but only for what takes more than two seconds."""
    from tqdm import tqdm

    return tqdm(items, delay=2, leave=False, file=sys.stderr)


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, allow_nan=False))


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = [header, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _price_text(found: Price) -> str:
    from models.units import quantity_text, unit_price_text

    title = " ".join(filter(None, (found.service_code, found.usage_type, found.operation)))
    tiers = [
        f"  {unit_price_text(tier.price_usd)} per {found.unit}"
        + (f", from {quantity_text(tier.start)}" if len(found.tiers) > 1 else "")
        for tier in found.tiers
    ]
    dated = f"  {found.effective_date}, confidence {found.confidence}, source: {found.source}"
    return "\n".join([f"{title} in {found.region}", *tiers, dated])


def _price_data(found: Price) -> dict[str, Any]:
    return {
        "service_code": found.service_code,
        "usage_type": found.usage_type,
        "operation": found.operation,
        "region": found.region,
        "unit": found.unit,
        "tiers": [
            {
                "from": tier.start,
                "to": None if tier.end == float("inf") else tier.end,
                "price_usd": tier.price_usd,
            }
            for tier in found.tiers
        ],
        "effective_date": found.effective_date,
        "source": found.source,
        "confidence": found.confidence,
    }


def _bill_data(scenario: Scenario, made: Bill) -> dict[str, Any]:
    from models.tables import bill_records

    return {
        "scenario": scenario.name,
        "region": scenario.region,
        "billing_period": scenario.billing_period,
        "free_tier": scenario.free_tier,
        "total_usd": float(made.total_usd),
        "lines": bill_records(made),
    }


def _total_text(scenario: Scenario, total: float) -> str:
    from models.units import usd

    return f"{scenario.name}: {usd(total)} for {scenario.period}"


if __name__ == "__main__":
    main()
