"""Spark: restores a column of a data frame.

    from unspin.spark import restore_column

    frame = spark.read.json("crawl/*.jsonl.gz")
    restore_column(frame, "text", report=True).write.parquet("clean/")

Every machine needs the package, in the Python that `PYSPARK_PYTHON` names. Rows go to Python as Arrow batches (`spark.sql.execution.arrow.maxRecordsPerBatch` has their size). Models are loaded once a Python worker; they
lie in the package and are shared by the workers of a machine. A bad record passes as it is, and is named with `report`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ._errors import ConfigError
from ._restorer import Restorer

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import DataFrame


def batches(
    column: str = "text", *, report: bool = False, **settings: Any
) -> Callable[[Iterable[pyarrow.RecordBatch]], Iterator[pyarrow.RecordBatch]]:
    """A function for `DataFrame.mapInArrow`. Settings are those of `unspin.Restorer`; wrong ones are an error here, on the driver."""
    restorer = Restorer(**settings)

    def restored(rows: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        for batch in rows:
            yield restorer.restore_arrow(batch, column, report=report)

    return restored


def restore_column(frame: DataFrame, column: str = "text", *, report: bool = False, **settings: Any) -> DataFrame:
    """The frame with the texts of one column restored; with `report`, and the columns `{column}_verdict`, `{column}_edits`, `{column}_error`."""
    from pyspark.sql.types import IntegerType, StringType, StructType

    if column not in frame.columns:
        raise ConfigError(f"the frame has no column `{column}` (there are: {', '.join(frame.columns)})")
    schema = StructType(list(frame.schema.fields))
    if report:
        schema = schema.add(f"{column}_verdict", StringType()).add(f"{column}_edits", IntegerType()).add(f"{column}_error", StringType())
    return frame.mapInArrow(batches(column, report=report, **settings), schema)
