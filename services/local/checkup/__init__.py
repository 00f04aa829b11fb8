"""What `plek doctor` looks at on this machine, each with what was found and what to do; it reads, and changes nothing."""
