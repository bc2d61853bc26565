"""A language model as a judge: asked safely, read exactly, several of them joined, and told apart from people."""
