"""Status and report documents."""
