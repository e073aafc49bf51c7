"""The health of an account: components of 0 to 100 points, and the score that they make."""
