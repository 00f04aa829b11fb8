"""Areas: regions joined until no shelter can be singled out, and the counts that are published of them."""
