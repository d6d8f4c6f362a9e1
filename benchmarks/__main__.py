"""Run every benchmark, one after the other: ``python -m benchmarks``."""

import importlib
import pkgutil

import benchmarks

for found in sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__)):
    if not found.startswith("_"):
        print(f"== {found}")
        importlib.import_module(f"benchmarks.{found}").main()
