"""Ray Data: restores a column of a dataset, in actors that load the models once.

    import ray
    from unspin.ray import Restore

    dataset = ray.data.read_json("crawl/", lines=True)
    actors = ray.data.ActorPoolStrategy(size=8)
    dataset = dataset.map_batches(Restore, fn_constructor_args=["text"], batch_format="pyarrow", compute=actors, num_cpus=0.5)
    dataset.write_parquet("clean/")

Actors hold their cores for as long as the job runs, and reading and writing need some, too: hence `num_cpus`. If all cores are held, Ray waits forever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._restorer import Restorer

if TYPE_CHECKING:
    import pyarrow


class Restore:
    """For `Dataset.map_batches` with `batch_format="pyarrow"`. Settings are those of `unspin.Restorer`."""

    def __init__(self, column: str = "text", *, report: bool = False, **settings: Any) -> None:
        self.column = column
        self.report = report
        self.restorer = Restorer(**settings)

    def __call__(self, rows: pyarrow.Table) -> pyarrow.Table:
        """Restores one batch; a bad record passes as it is, and is named with `report`."""
        return self.restorer.restore_arrow(rows, self.column, report=self.report)
