"""What every HTTP service does alike: its middleware, access to routes, request bodies, sealed tokens."""
