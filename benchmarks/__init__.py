"""What is measured, against which baseline, in one run: ``make bench``."""
