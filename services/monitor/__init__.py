"""The monitor: from the two truth topics alone, figures that can be computed again to the digit."""
