"""ClickHouse's HTTP interface over the ClickHouse engine in this process (chDB).

For one machine without a ClickHouse server. Clients cannot tell the difference in what we use:
parameters, settings, formats, compression, inserts, errors, passwords. What is missing is named in
docs/platform.md.
"""
