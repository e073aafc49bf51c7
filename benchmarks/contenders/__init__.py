"""What is measured: each module is a process that does its work once whenever it is told to."""
