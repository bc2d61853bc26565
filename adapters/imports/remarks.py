"""What could not be carried over, each said once."""


class Remarks:
    def __init__(self) -> None:
        self.said: list[str] = []

    def add(self, remark: str) -> None:
        if remark not in self.said:
            self.said.append(remark)
