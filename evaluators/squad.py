"""The two measures of SQuAD, as its official script `evaluate-v2.0.py` computes them (Rajpurkar et al. 2016, 2018).

Both compare normal forms: lower case, without ASCII punctuation, without the articles a, an and the, words parted by
single spaces.
"""

import re
import string
from collections import Counter

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)


def normal_form(text: str) -> str:
    return " ".join(ARTICLES.sub(" ", text.lower().translate(PUNCTUATION)).split())


def exact_match(answer: str, reference: str) -> float:
    return float(normal_form(answer) == normal_form(reference))


def token_f1(answer: str, reference: str) -> float:
    """The harmonic mean of precision and recall over the words of the normal forms, each as often as it occurs.

    Where either has no words left, 1 if the other has none either, else 0.
    """
    said, wanted = normal_form(answer).split(), normal_form(reference).split()
    if not said or not wanted:
        return float(said == wanted)
    shared = sum((Counter(said) & Counter(wanted)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(said), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)
