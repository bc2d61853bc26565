"""The command line, its REST client, and the embedded services of benchmark dev."""
