"""What a partner sees: their own codes, links and earnings, and nothing of anybody else."""
