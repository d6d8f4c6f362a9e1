"""Running the command line inside a test, as a shell would see it."""

import contextlib
import io
from dataclasses import dataclass

from models.cli import main


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str


def costlab(*arguments: str) -> Done:
    """Run ``costlab`` with `arguments` in this process."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as exit_:
            status = int(exit_.code or 0)
    return Done(status, out.getvalue(), err.getvalue())


def refusal(*arguments: str) -> str:
    """The one line that a refused command writes; fails unless it is exactly that."""
    done = costlab(*arguments)
    assert done.status == 2, (done.status, done.out[:300], done.err[:300])
    assert done.out == ""
    assert done.err.startswith("costlab: ")
    assert done.err.count("\n") == 1, done.err
    assert done.err.endswith("\n")
    assert "Traceback" not in done.err
    return done.err.removeprefix("costlab: ").rstrip("\n")
