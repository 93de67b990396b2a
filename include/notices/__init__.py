"""Notices to people: what they say (``notice``), how it looks (``render``, ``slack_blocks``), and how it is delivered
through the one write path (``target``, ``slack_target``). Knows no flow."""
