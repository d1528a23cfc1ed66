"""The common tree of paragraphs, and its Markdown: the step between the readers of the formats and a letter."""
