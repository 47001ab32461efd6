"""The validation rules of a project: what has to be so for a code to be redeemed."""
