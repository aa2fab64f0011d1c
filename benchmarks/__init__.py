"""Figures beside what a user would otherwise use; ``python -m benchmarks`` runs them."""
