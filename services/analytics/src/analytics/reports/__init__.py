"""The reports: what an answer says, and from which view it comes.

What a figure means stands in the views (`migrations/`), once for reports and BI.
"""
