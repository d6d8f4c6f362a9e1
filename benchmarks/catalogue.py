"""Reading and checking every price file, against pandas reading the same files unchecked.

Must stay under 50 ms: it is the first thing every notebook and command does.
"""

import pandas as pd

from benchmarks._timing import best_seconds
from models.files import DATA
from models.prices import read_prices

FILES = sorted((DATA / "prices").glob("*.csv"))


def main() -> None:
    ours = best_seconds(lambda: [price for file in FILES for price in read_prices(file)])
    pandas = best_seconds(lambda: [pd.read_csv(file, dtype=str) for file in FILES])
    print(f"read and check {len(FILES)} price files: {ours * 1000:.1f} ms (limit 50 ms)")
    print(f"ratio to pandas.read_csv without checks: {ours / pandas:.2f}")


if __name__ == "__main__":
    main()
