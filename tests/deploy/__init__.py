"""Tests of what is deployed: containers, the image, and the files they mount."""
