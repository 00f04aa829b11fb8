"""The contract as other languages read it: a JSON Schema an event, golden examples, AsyncAPI. Worked out from the domain, never by hand."""
