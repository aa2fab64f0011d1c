"""The durable state: the only place that touches the database."""
