"""Ten years of daily cohorts in one vectorized pass, against following each cohort by itself."""

from benchmarks._timing import best_seconds
from models.services import s3

DAYS = 3650
BUCKET = s3.LifecycleBucket(
    name="logs",
    ingest_gb_per_day=10,
    object_kb=1024,
    transitions=[{"days": 30, "storage_class": "STANDARD_IA"}],
    expiration_days=365,
)


def one_by_one() -> dict[str, float]:
    """GB-days by class, one cohort and one day after the other; a tenth of the days."""
    stored: dict[str, float] = {}
    for born in range(DAYS // 10):
        for stay in BUCKET.stays():
            first = 0 if stay.start is None else stay.start + 1
            for age in range(first, (stay.end or 0) + 1):
                if born + age < DAYS // 10:
                    share = 0.5 if age == 0 else 1.0
                    stored[stay.storage_class] = stored.get(stay.storage_class, 0.0) + 10 * share
    return stored


def main() -> None:
    vectorized = best_seconds(lambda: BUCKET.monthly_usage(120))
    followed = best_seconds(one_by_one, repeats=2) * 10
    print(f"ten years, month by month: {vectorized * 1000:.0f} ms (limit 1,000 ms)")
    print(f"following every cohort takes at least {followed / vectorized:.0f} times as long")


if __name__ == "__main__":
    main()
