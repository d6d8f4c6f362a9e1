"""Global secondary indexes: copies of a table's items with units of their own."""

from __future__ import annotations

from pydantic import field_validator

from models.metering import Quantity
from models.resource import Amount, Count, Name, Settings
from models.services.dynamodb import rules
from models.services.dynamodb.limits import refuse_large_item, refuse_wrong_capacity


class GlobalSecondaryIndex(Settings):
    """An index with a partition key of its own; every write to the table that it shows costs again.

    Documented: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
    """

    index_name: Name
    """Names it."""
    item_size_kb: Amount | None = None
    """What it holds of an item; all of it unless given. [KB]"""
    items: Amount | None = None
    """Items in it; as many as the table has unless given."""
    writes_per_write: Amount = 1
    """Writes to the index for each write to the table: 0 where no projected attribute changes, 2
    where a key of the index does, since the old entry is deleted and a new one put."""
    read_capacity_units: Count | None = None
    """Provisioned reads; with a provisioned table only. [units]"""
    write_capacity_units: Count | None = None
    """Provisioned writes; with a provisioned table only. [units]"""
    eventual_reads: Amount = 0
    """Reads of one item in the period. An index has no strongly consistent ones."""
    queries: Amount = 0
    """Queries in the period."""
    query_items: Amount = 10
    """Items that a query reads, on average."""

    @field_validator("item_size_kb")
    @classmethod
    def _item_fits(cls, value: Quantity | None) -> Quantity | None:
        return None if value is None else refuse_large_item(value)

    @field_validator("read_capacity_units", "write_capacity_units")
    @classmethod
    def _capacity_within_bounds(cls, value: Quantity | None) -> Quantity | None:
        return None if value is None else refuse_wrong_capacity(value)

    def size_kb(self, table_item_kb: Quantity) -> Quantity:
        """What it holds of an item of a table whose items have that size. [KB]"""
        return table_item_kb if self.item_size_kb is None else self.item_size_kb

    def read_units(self, table_item_kb: Quantity) -> Quantity:
        """Units of its reads in the period."""
        size = self.size_kb(table_item_kb)
        queried = self.queries * rules.query_units(self.query_items, size)
        return self.eventual_reads * rules.read_units(size, "eventual") + queried

    def units_per_write(self, table_item_kb: Quantity) -> Quantity:
        """Units that one write to the table takes here.

        Assumed: a write in a transaction is a plain one here, since indexes follow later.
        """
        return self.writes_per_write * rules.write_units(self.size_kb(table_item_kb))

    def stored_gb(self, table_items: Quantity, table_item_kb: Quantity) -> Quantity:
        """Storage that it is charged for. [GB]"""
        items = table_items if self.items is None else self.items
        return rules.stored_gb(items, self.size_kb(table_item_kb))
