"""dolma: a tagger that says which documents and paragraphs are spun.

    dolma tag --documents 'wiki/documents/*.jsonl.gz' --tagger_modules unspin.dolma --taggers unspin --experiment unspin --processes 8

The documents are not touched. Attributes are those of `unspin restore --attributes`: `verdict` has the probability that the whole text is spun,
`spun` the paragraphs that are not clean, `edits` the words that would be edited, with the confidence.
"""

from __future__ import annotations

from dolma import BaseTagger, add_tagger
from dolma.core.data_types import DocResult, Document, Span

from ._restorer import Restorer


@add_tagger("unspin")
class UnspinTagger(BaseTagger):
    """The tagger `unspin`, with the default settings."""

    def __init__(self) -> None:
        self.restorer = Restorer()

    @property
    def defaults(self) -> list[str]:
        """Attributes that every document has, if only as empty lists."""
        return ["verdict", "spun", "edits"]

    def predict(self, doc: Document) -> DocResult:
        """Tags one document; what cannot be read has no spans."""
        done = self.restorer.restore_batch([doc.text])[0]
        spans: list[Span] = []
        if done.error is None:
            spans.append(Span(0, len(doc.text), "verdict", done.score))
            spans += [Span(span.start, span.end, "spun", span.score) for span in done.spans]
            spans += [Span(edit.start, edit.end, "edits", edit.confidence) for edit in done.edits]
        return DocResult(doc=doc, spans=spans)
