"""Reports: figures of both systems side by side, as files for people and programs. They read, and write to neither."""
