"""The watch over runs, outside of their workflows: what workflows cannot tell of themselves."""
