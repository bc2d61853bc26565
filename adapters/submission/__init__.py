"""From what people ask for to a complete definition that can work, told before anything is accepted."""
