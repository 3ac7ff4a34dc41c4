"""What pure Python does all day, in pieces small enough that a change of one is a change of it.

For interpreters and machines rather than for a package: it imports none.
"""

import json
import re
from collections import Counter

from tracker import benchmark

TEXT = " ".join(f"word{i % 97} {i * i % 1013}" for i in range(2000))
NUMBER = re.compile(r"\b\d{2,3}\b")


def numbers(size):
    """The same numbers everywhere, in an order that looks random."""
    return [i * 7919 % 10007 for i in range(size)]


@benchmark(params={"size": [100, 10000]}, setup=numbers)
def sort(values):
    sorted(values)


@benchmark(params={"size": [100, 10000]}, setup=numbers)
def sort_by_key(values):
    sorted(values, key=lambda value: -value)


@benchmark
def call():
    def add(a, b):
        return a + b

    total = 0
    for i in range(1000):
        total = add(total, i)


@benchmark
def attribute():
    class Point:
        def __init__(self, x, y):
            self.x = x
            self.y = y

    points = [Point(i, -i) for i in range(500)]
    for point in points:
        point.x += point.y


@benchmark
def comprehension():
    {i: [j * j for j in range(i % 7)] for i in range(500)}


@benchmark
def generator():
    def evens(limit):
        for i in range(limit):
            if not i % 2:
                yield i

    sum(evens(2000))


@benchmark
def exception():
    for i in range(500):
        try:
            if i % 3:
                raise KeyError(i)
        except KeyError:
            pass


@benchmark
def format_text():
    "".join(f"{i:>5} {i / 7:.3f} {i!r}\n" for i in range(300))


@benchmark
def count_words():
    Counter(TEXT.split()).most_common(5)


@benchmark
def match():
    NUMBER.findall(TEXT)


@benchmark(setup=lambda: json.dumps([{"name": f"n{i}", "at": [i, i / 3]} for i in range(300)]))
def parse_json(text):
    json.loads(text)


@benchmark
def integers():
    a, b = 0, 1
    for _ in range(600):
        a, b = b, a + b


@benchmark
def floats():
    x = 0.5
    for _ in range(2000):
        x = 3.7 * x * (1.0 - x)
