"""A plan as a document: lines for a terminal, JSON, Markdown, HTML."""
