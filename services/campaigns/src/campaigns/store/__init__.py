"""What campaigns remembers: every Postgres statement, one module per aggregate.

Functions run in the caller's transaction and take the project first; the few that cannot say so.
"""
