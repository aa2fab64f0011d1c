"""The deposit metadata: vocabularies, rules, comparison, and readers of foreign formats."""
