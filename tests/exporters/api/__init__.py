"""The JSON API, asked over sockets about a simulated company."""
