"""A break-even curve of 1,000 points in one call, against 1,000 calls."""

import numpy as np

from benchmarks._timing import best_seconds
from models import Catalogue, bill
from models.services import ec2

POINTS = np.linspace(0.0, 50_000.0, 1000)


def main() -> None:
    catalogue = Catalogue.load()

    def swept() -> object:
        return bill(ec2.NatGateway(name="nat", processed_gb=POINTS).estimate(), catalogue).total_usd

    def one_by_one() -> object:
        return [
            bill(ec2.NatGateway(name="nat", processed_gb=gb).estimate(), catalogue).total_usd
            for gb in POINTS
        ]

    assert np.allclose(swept(), one_by_one())
    arrays, scalars = best_seconds(swept), best_seconds(one_by_one, repeats=2)
    print(f"1,000 points in one call: {arrays * 1000:.2f} ms")
    print(f"one call for each point takes {scalars / arrays:.0f} times as long")


if __name__ == "__main__":
    main()
