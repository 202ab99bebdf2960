"""Scrapy: restores fields of the items that a spider yields.

    # settings.py
    ITEM_PIPELINES = {"unspin.scrapy.RestorePipeline": 300}
    UNSPIN_FIELDS = ["title", "text"]       # default: ["text"]
    UNSPIN_SETTINGS = {"preset": "precision"}  # as unspin.Restorer takes them
    UNSPIN_REPORT = "unspin"                # field that takes verdict, score, profile and edits; default: none

A field that is missing or no text stays as it is. The work is done on a thread, so the spider goes on crawling meanwhile. What was done is
counted in the crawl's statistics: `unspin/texts`, `unspin/spun`, `unspin/unsure`, `unspin/changed`, `unspin/edits`, `unspin/errors`.
"""

from __future__ import annotations

import logging
from typing import Any

from itemadapter import ItemAdapter
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.threads import deferToThread

from ._restorer import Restorer
from ._types import Restoration

logger = logging.getLogger(__name__)


class RestorePipeline:
    """An item pipeline; see the settings above."""

    def __init__(self, fields: list[str], restorer: Restorer, report: str | None, stats: Any) -> None:
        self.fields = fields
        self.restorer = restorer
        self.report = report
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Any) -> RestorePipeline:
        """As Scrapy makes it; wrong settings end the crawl before it begins."""
        settings = crawler.settings
        restorer = Restorer(**settings.getdict("UNSPIN_SETTINGS"))
        return cls(settings.getlist("UNSPIN_FIELDS", ["text"]), restorer, settings.get("UNSPIN_REPORT"), crawler.stats)

    async def process_item(self, item: Any, spider: Any = None) -> Any:
        """Restores one item."""
        adapter = ItemAdapter(item)
        fields = [field for field in self.fields if adapter.get(field) is not None]
        texts = [adapter[field] for field in fields]
        results = await maybe_deferred_to_future(deferToThread(self.restorer.restore_batch, texts))
        told = {}
        for field, done in zip(fields, results):
            self._count(field, done)
            if done.changed:
                adapter[field] = done.text
            told[field] = _told(done)
        if self.report is not None:
            adapter[self.report] = told
        return item

    def _count(self, field: str, done: Restoration) -> None:
        count = self.stats.inc_value
        if done.error is not None:
            logger.warning("field %s stays as it is: %s", field, done.error)
            count("unspin/errors")
            return
        count("unspin/texts")
        if done.verdict != "clean":
            count(f"unspin/{done.verdict}")
        if done.changed:
            count("unspin/changed")
            count("unspin/edits", len(done.edits))


def _told(done: Restoration) -> dict[str, Any]:
    if done.error is not None:
        return {"error": done.error}
    edits = [[edit.start, edit.end, edit.old, edit.new, edit.confidence] for edit in done.edits]
    return {"verdict": done.verdict, "score": done.score, "profile": done.profile, "edits": edits}
