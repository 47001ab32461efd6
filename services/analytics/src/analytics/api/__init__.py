"""HTTP in: parse, ask the reports, render."""
