"""The monitor: from the two truth topics alone, figures that anyone can work out again to the digit."""
