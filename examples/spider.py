"""A Scrapy spider whose feed scrapy.sh restores: scrapy runspider spider.py -a address=ADDRESS -O feed.jsonl"""

import scrapy


class News(scrapy.Spider):
    name = "news"

    def __init__(self, address, **more):
        super().__init__(**more)
        self.start_urls = [address]

    def parse(self, response):
        yield {"url": response.url, "article": "".join(response.css("article ::text").getall())}
