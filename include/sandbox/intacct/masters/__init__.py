"""Master records: creating, changing and deleting customers, contacts, accounts and the like."""
