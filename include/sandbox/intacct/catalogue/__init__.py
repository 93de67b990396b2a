"""Which objects and fields the tenant has; lookup, reads and writes all go by it."""
