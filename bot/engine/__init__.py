"""What happens by itself: claiming, submitting, polling, fetching, delivering, resuming."""
