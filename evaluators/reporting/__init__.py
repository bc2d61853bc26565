"""What a report computes from a run's items, pure given them."""
