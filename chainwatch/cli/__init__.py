"""The command line: a file per noun. Puts everything together; imported by nobody."""
