"""From a manifest file to datasets and files, every value keeping its place."""
