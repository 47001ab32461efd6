"""What people see of Counterfoil: pages over the public API, and nothing else."""
