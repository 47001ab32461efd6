"""A partner made and edited: who hands codes out, and what was agreed."""
