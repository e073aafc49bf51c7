"""The tests of Tidemark; folders mirror the packages."""
