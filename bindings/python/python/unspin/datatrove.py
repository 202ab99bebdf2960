"""datatrove: a step that restores documents, and one that drops spun ones.

    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from unspin.datatrove import Restore

    LocalPipelineExecutor([JsonlReader("crawl/"), Restore(), JsonlWriter("clean/")], tasks=8, workers=2).run()

Both take the settings of `unspin.Restorer`, and are loaded once a process.
"""

from __future__ import annotations

from typing import Any

from datatrove.data import Document, DocumentsPipeline
from datatrove.pipeline.filters.base_filter import BaseFilter
from datatrove.pipeline.formatters.base import BaseFormatter
from datatrove.utils.batching import batched

from ._restorer import Restorer


class Restore(BaseFormatter):
    """Restores the text of each document. What was found goes into its metadata: `unspin_verdict`, `unspin_score`, `unspin_edits` (their number), or
    `unspin_error` for a document that passes as it is because its text cannot be read."""

    name = "unspin restore"

    def __init__(self, batch_size: int = 100, **settings: Any) -> None:
        super().__init__()
        self.batch_size = batch_size
        self.restorer = Restorer(**settings)

    def format(self, text: str) -> str:
        """One text alone."""
        return self.restorer.restore(text).text

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        """All documents, in order."""
        for batch in batched(data, self.batch_size):
            with self.track_time("batch"):
                results = self.restorer.restore_batch([document.text for document in batch])
            for document, done in zip(batch, results):
                self.stat_update("total")
                if done.error is not None:
                    self.stat_update("errors")
                    document.metadata["unspin_error"] = done.error
                else:
                    self.stat_update(done.verdict)
                    self.stat_update("edits", value=len(done.edits))
                    document.text = done.text
                    document.metadata |= {
                        "unspin_verdict": done.verdict,
                        "unspin_score": done.score,
                        "unspin_edits": len(done.edits),
                    }
                yield document


class DropSpun(BaseFilter):
    """Drops documents that are spun; with `unsure=True` also those that may be. What cannot be read is kept: nothing is known of it."""

    name = "unspin filter"

    def __init__(self, unsure: bool = False, exclusion_writer: Any = None, batch_size: int = 100, **settings: Any) -> None:
        super().__init__(exclusion_writer, batch_size)
        self.dropped = ("spun", "unsure") if unsure else ("spun",)
        self.restorer = Restorer(**settings)

    def filter(self, doc: Document) -> bool | tuple[bool, str]:
        """One document alone."""
        return self.filter_batch([doc])[0]

    def filter_batch(self, batch: list[Document]) -> list[bool | tuple[bool, str]]:
        """Whether each document is kept, and if not, why."""
        results = self.restorer.restore_batch([document.text for document in batch])
        return [(False, done.verdict) if done.error is None and done.verdict in self.dropped else True for done in results]
