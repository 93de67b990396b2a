"""The gateway's envelope: reading requests strictly, writing replies in the exact shapes."""
