"""What `make` calls on a developer's machine. Standard library only; nothing here runs in production."""
