"""What grading costs, and what it withstands, measured on the machine at hand."""
