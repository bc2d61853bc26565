"""What a prompt says, told to people and in files of others."""

from core.benchmarks import PromptSpec
from core.cases import Message


def test_a_prompt_is_told_with_everybody_who_speaks_in_it() -> None:
    assert PromptSpec(system="Be brief.", template="{{ input }}?").parts == (
        ("system", "Be brief."),
        ("user", "{{ input }}?"),
    )
    spoken = (Message(role="user", content="Hi"), Message(role="assistant", content="Ask!"))
    assert PromptSpec(messages=spoken).parts == (("user", "Hi"), ("assistant", "Ask!"))
    assert PromptSpec(messages="item.history").parts == (("conversation", "item.history"),)
