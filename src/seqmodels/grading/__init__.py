"""What nbgrader lacks, added at its own extension points."""
