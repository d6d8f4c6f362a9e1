"""How long `import models` and `costlab --help` take, against Python doing nothing."""

import subprocess
import sys
from pathlib import Path

from benchmarks._timing import best_seconds

COMMANDS = {
    "import models": [sys.executable, "-c", "import models"],
    "costlab --help": [str(Path(sys.executable).parent / "costlab"), "--help"],
}


def run_seconds(command: list[str]) -> float:
    return best_seconds(lambda: subprocess.run(command, check=True, capture_output=True))


def main() -> None:
    nothing = run_seconds([sys.executable, "-c", "pass"])
    for name, command in COMMANDS.items():
        seconds = run_seconds(command)
        print(f"{name}: {seconds * 1000:.0f} ms, {seconds / nothing:.1f} times an empty Python")


if __name__ == "__main__":
    main()
