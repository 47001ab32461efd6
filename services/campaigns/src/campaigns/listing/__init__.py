"""Lists of campaigns and codes: filters, orders, pages, totals; docs/campaigns.md has the rules."""
