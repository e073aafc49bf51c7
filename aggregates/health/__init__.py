"""The health of an account: components of 0 to 100 points, their score, and its seats in use."""
