"""A bill as a table of FOCUS 1.2, the FinOps Foundation's open billing format.

AWS's own export of this format is the Data Exports table ``FOCUS_1_2_AWS``
(https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-focus-1-2-aws.html), so what
reads a simulated bill reads a real one too. `check_focus` is the gate: row by row, every rule.
"""

from models.focus.checks import check_focus
from models.focus.export import focus_csv, write_parquet
from models.focus.frame import focus_frame

__all__ = ["check_focus", "focus_csv", "focus_frame", "write_parquet"]
