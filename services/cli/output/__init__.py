"""Values as lines, tables and screens of a terminal."""
