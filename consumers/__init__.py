"""The hops: pure functions of values. No clock, network, disk or randomness."""
