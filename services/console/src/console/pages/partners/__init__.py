"""The partners of a project: the example that docs/console.md walks through."""
