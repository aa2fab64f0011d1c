"""Unit tests of the metadata rules, vocabularies and comparison."""
