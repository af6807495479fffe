"""Questions beside the best plan: the whole trade-off, what a bottleneck is worth."""
