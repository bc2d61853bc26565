"""Tokens counted without a tokenizer, beside what OpenAI's o200k counts."""

import pytest

from core.token_counts import HIGH, LOW, count_tokens

PYTHON = (
    'def mean(values: list[float]) -> float:\n    """The arithmetic mean."""\n    return sum(values) / len(values)\n'
)


@pytest.mark.parametrize(
    ("text", "o200k"),
    [
        ("What is the capital of France? Answer with one word.", 12),
        ("A train leaves at 14:35 and travels 1,250 km at 96.5 km/h. When does it arrive?", 28),
        (PYTHON, 26),
        ('{"mark": "a1b2c3", "rationale": "The answer is right.", "verdict": "correct"}', 28),
        ("Warum ist der Himmel blau, und warum wird er abends rot?", 14),
    ],
    ids=["prose", "numbers", "code", "JSON", "German"],
)
def test_the_count_is_near_a_tokenizers(text: str, o200k: int) -> None:
    assert LOW * count_tokens(text) <= o200k <= HIGH * count_tokens(text)


def test_texts_of_other_scripts_and_none_are_counted() -> None:
    assert count_tokens("") == 0
    assert count_tokens("机器学习模型需要大量的数据") == pytest.approx(0.75 * 13)
    assert 4 < count_tokens("Почему небо синее?") < 10
