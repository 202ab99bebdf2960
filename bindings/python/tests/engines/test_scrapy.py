"""A spider against a site on this machine."""

from __future__ import annotations

import http.server
import json
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

import unspin

from .conftest import EXAMPLES, SPUN

pytest.importorskip("scrapy")


@pytest.fixture
def site(tmp_path: Path) -> str:
    """A page that links to an article that is spun, one that is clean, and one that is broken."""
    root = tmp_path / "site"
    root.mkdir()
    page = "<html><head><title>{}</title></head><body><article><p>{}</p></article></body></html>"
    (root / "index.html").write_text('<html><body><a href="1.html">1</a><a href="2.html">2</a><a href="3.html">3</a></body></html>')
    (root / "1.html").write_text(page.format("Bins", SPUN))
    (root / "2.html").write_text(page.format("Bridge", "The bridge was opened on Monday."))
    (root / "3.html").write_text("<html><body><article><p>No title, and no restoring either.</p></article></body></html>")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(root))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()


def test_the_items_of_a_spider_are_restored(site: str, tmp_path: Path, example) -> None:
    feed, stats = tmp_path / "items.jsonl", tmp_path / "stats.json"
    # the example as it stands, in a process of its own, with its statistics written down at the end
    script = tmp_path / "crawl.py"
    script.write_text(
        "import json, sys\n"
        f"sys.path.insert(0, {str(EXAMPLES)!r})\n"
        "from scrapy.crawler import CrawlerProcess\n"
        "from scrapy_spider import NewsSpider\n"
        f"process = CrawlerProcess({{'FEEDS': {{{str(feed)!r}: {{'format': 'jsonlines'}}}}, 'LOG_LEVEL': 'WARNING'}})\n"
        "crawler = process.create_crawler(NewsSpider)\n"
        f"process.crawl(crawler, start={site!r})\n"
        "process.start()\n"
        f"json.dump(crawler.stats.get_stats(), open({str(stats)!r}, 'w'), default=str)\n"
    )
    example(str(script), by=(sys.executable, "-W", "error::scrapy.exceptions.ScrapyDeprecationWarning"))
    items = {Path(item["url"]).name: item for item in map(json.loads, feed.read_text().splitlines())}
    assert items["1.html"]["text"] == unspin.restore(SPUN).text and items["1.html"]["text"].startswith("Rubbish could be left")
    report = items["1.html"]["unspin"]
    assert report["text"]["verdict"] == "spun" and len(report["text"]["edits"]) > 5 and report["title"]["verdict"] == "clean"
    assert items["2.html"]["text"] == "The bridge was opened on Monday."
    assert items["3.html"]["title"] is None and set(items["3.html"]["unspin"]) == {"text"}
    counted = {name: value for name, value in json.loads(stats.read_text()).items() if name.startswith("unspin/")}
    assert counted == {"unspin/texts": 5, "unspin/spun": 1, "unspin/changed": 1, "unspin/edits": len(report["text"]["edits"])}


def test_an_item_that_is_no_text_passes_and_is_counted(tmp_path: Path) -> None:
    import asyncio

    from scrapy.utils.test import get_crawler

    from unspin.scrapy import RestorePipeline

    crawler = get_crawler(settings_dict={"UNSPIN_FIELDS": ["text", "title"]})
    pipeline = RestorePipeline.from_crawler(crawler)
    pipeline.stats = Stats()
    pipeline._count("text", pipeline.restorer.restore_batch([b"bytes"])[0])
    assert pipeline.stats.counted == {"unspin/errors": 1}
    assert asyncio.iscoroutinefunction(pipeline.process_item)
    with pytest.raises(unspin.ConfigError, match="preset"):
        RestorePipeline.from_crawler(get_crawler(settings_dict={"UNSPIN_SETTINGS": {"preset": "best"}}))


class Stats:
    """What a crawl counts."""

    def __init__(self) -> None:
        self.counted: dict[str, int] = {}

    def inc_value(self, name: str, count: int = 1) -> None:
        self.counted[name] = self.counted.get(name, 0) + count
