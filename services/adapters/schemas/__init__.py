"""The contract as other languages read it: JSON Schema, golden examples, AsyncAPI, all generated from the domain."""
