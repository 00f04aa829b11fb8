"""What takes longer than an answer may: the year report and the draft of a release, in a child process, one at a time, with progress."""
