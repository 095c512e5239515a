"""What operators and their tools ask: alive, ready, and numbers over time."""
