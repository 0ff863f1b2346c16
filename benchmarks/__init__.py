"""What grading costs and withstands, and training that is too long for a page, measured on the machine at hand."""
