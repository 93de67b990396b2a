"""A company that is a vendor is linked to its Intacct vendor, or becomes one on hold after a person's review."""
