"""Vouchers: codes, their switches, and how often each was used."""
