"""A spider whose items are restored on the way to the feed.

scrapy runspider scrapy_spider.py -a start=https://example.org/news -O items.jsonl
"""

import scrapy


class NewsSpider(scrapy.Spider):
    name = "news"
    custom_settings = {
        "ITEM_PIPELINES": {"unspin.scrapy.RestorePipeline": 300},
        "UNSPIN_FIELDS": ["title", "text"],
        "UNSPIN_REPORT": "unspin",
    }

    def __init__(self, start: str, **arguments: object) -> None:
        super().__init__(**arguments)
        self.start_urls = [start]

    def parse(self, response):
        text = "\n\n".join(" ".join(part.css("::text").getall()) for part in response.css("article p"))
        if text:
            yield {"url": response.url, "title": response.css("title::text").get(), "text": text}
        yield from response.follow_all(css="a")
