"""The first won deal of a new customer starts its onboarding: customer, sequence and tasks, each step once."""
