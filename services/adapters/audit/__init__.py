"""The audit log: who read what and who decided what, in hash chains, and the policy that each route declares."""
