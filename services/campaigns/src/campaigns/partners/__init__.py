"""Partners: who brings shoppers, and what was agreed with them."""
