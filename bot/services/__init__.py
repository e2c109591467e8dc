"""What a person can cause: submit, cancel, take again, set and show a quota."""
