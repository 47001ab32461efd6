"""Issuing: codes join a campaign, one by one or many by a job."""
