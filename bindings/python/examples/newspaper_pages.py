"""The same with newspaper: the parsed article is changed in place.

python newspaper_pages.py page.html
"""

import json
import sys
from pathlib import Path

import newspaper

import unspin


def restore(article: newspaper.Article, restorer: unspin.Restorer) -> unspin.Restoration:
    """Restores title and text of a parsed article."""
    title, text = restorer.restore_batch([article.title, article.text])
    article.title, article.text = title.text, text.text
    return text


if __name__ == "__main__":
    restorer = unspin.Restorer(preset="precision")
    for name in sys.argv[1:]:
        article = newspaper.article("https://example.org/", input_html=Path(name).read_text(encoding="utf-8"))
        done = restore(article, restorer)
        print(json.dumps({"page": name, "title": article.title, "text": article.text, "verdict": done.verdict}))
