"""Graders as OpenAI's Evals have them: templates over a row's `item` and the answer's `sample`, and a pass mark."""
