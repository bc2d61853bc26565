"""Cases turned into messages."""
