"""The shell: Kafka, Faust, checkpoints, dead letters, replay, the simulator and the commands."""
