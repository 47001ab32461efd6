"""What all resources share at HTTP: who calls, values, pages, errors."""
