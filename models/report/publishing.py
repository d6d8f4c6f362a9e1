"""Files that replace those of an earlier report together, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.errors import InvalidInputError


@contextmanager
def workshop(out: Path, names: Sequence[str]) -> Iterator[Path]:
    """A folder to make files in; what is in it at the end replaces `names` in `out`.

    A name that was not made is taken away from `out`; other files there are left alone. When
    anything fails, in the making or in the replacing, `out` is as it was.

    Raises
    ------
    InvalidInputError
        Where `out` is a file, or holds a folder by one of the names.
    """
    _check(out, names)
    # Within `out` where there is one: it may be a file system of its own, as in a container.
    home = out if out.is_dir() else out.parent
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".report-") as folder:
        new, old = Path(folder, "new"), Path(folder, "old")
        new.mkdir()
        yield new
        if out.is_dir():
            _replace(names, new, out, old)
        else:
            new.rename(out)


def _check(out: Path, names: Sequence[str]) -> None:
    if out.exists() and not out.is_dir():
        raise InvalidInputError(f"{out}: is a file; a report needs a folder")
    for name in names:
        if (out / name).is_dir():
            raise InvalidInputError(
                f"{out / name}: is a folder; the report has a file of that name"
            )


def _replace(names: Sequence[str], new: Path, out: Path, old: Path) -> None:
    old.mkdir()
    held = [name for name in names if (out / name).exists()]
    for name in held:
        shutil.copy2(out / name, old / name)
    try:
        for name in names:
            if (new / name).exists():
                (new / name).replace(out / name)
            else:
                (out / name).unlink(missing_ok=True)
    except BaseException:
        _restore(names, held, out, old)
        raise


def _restore(names: Sequence[str], held: Sequence[str], out: Path, old: Path) -> None:
    for name in names:
        if name in held:
            (old / name).replace(out / name)
        else:
            (out / name).unlink(missing_ok=True)
