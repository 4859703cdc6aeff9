"""What came from the old system: files, their containers, partitions and windows."""
