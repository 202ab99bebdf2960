"""The main text of web pages, restored: what trafilatura takes out of a page goes through unspin before it is kept.

python trafilatura_pages.py page.html https://example.org/news/1
"""

import json
import sys
from pathlib import Path

import trafilatura

import unspin

if __name__ == "__main__":
    restorer = unspin.Restorer(preset="precision")
    for name in sys.argv[1:]:
        page = trafilatura.fetch_url(name) if name.startswith("http") else Path(name).read_text(encoding="utf-8")
        text = trafilatura.extract(page) if page else None
        done = restorer.restore_batch([text])[0]  # None, where there is no text, is no reason to stop
        print(json.dumps({"page": name, "text": done.text, "verdict": done.verdict, "edits": len(done.edits), "error": done.error}))
