"""Every Postgres statement, one function each, on the caller's transaction.

What runs for every batch finds its rows by a key's index, whatever the planner believes: LATERAL …
OFFSET 0 looks them up one by one, ON CONFLICT goes through the index. As plain joins, plans kept
from a time when tables were small compared every code with every request, for seconds a batch.

The order of locks, the same in every path: campaigns by (project, campaign), then customers, then
orders, then request keys. Whoever holds a campaign's lock is alone with its codes and its counters.
"""
