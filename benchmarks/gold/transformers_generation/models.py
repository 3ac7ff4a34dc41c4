"""An encoder, a decoder and an encoder-decoder of transformers, with random weights.

``size`` is "tiny" for processors and "base" for accelerators. The weights come from a file that
needs no network and never changes, so every commit computes the same thing.
"""

import tempfile
from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
)

from tracker import benchmark, quality, workload

from . import _models

SIZES = ["tiny", "base"]
BATCHES = [1, 2, 4, 8, 16, 32]
TOKENS = 16


def made(name):
    """A directory with the model, made anew for each process."""
    directory = tempfile.mkdtemp()
    _models.make(name, Path(directory))
    return directory


def bert(size):
    return made(f"bert-{size}")


def llama(size):
    return made(f"llama-{size}")


def t5(size):
    return made(f"t5-{size}")


def prompt(batch, length):
    """Tokens without the special ones, of which none is left out."""
    return {
        "input_ids": torch.randint(8, 1000, (batch, length)),
        "attention_mask": torch.ones(batch, length, dtype=torch.long),
    }


@benchmark(params={"size": SIZES}, setup=llama)
def load(directory):
    AutoModelForCausalLM.from_pretrained(directory)


PLACES = [f"{text}/{place}" for text in range(4) for place in range(32)]


@benchmark(
    kind="quality",
    metric="agreement",
    direction="higher",
    dataset=quality.dataset("counting", PLACES, of=len(PLACES)),
    setup=lambda: made("llama-tiny"),
)
def decoder_answers(directory, device):
    """Share of the next tokens that are those of transformers 4.57.6 on a processor."""
    model = AutoModelForCausalLM.from_pretrained(directory).eval().to(device)
    texts = torch.arange(8, 8 + len(PLACES), device=device).reshape(4, 32)
    with torch.inference_mode():
        likeliest = model(input_ids=texts).logits.argmax(-1).flatten().tolist()
    return {
        "value": quality.accuracy(likeliest, quality.stored("answers.json")),
        "samples": dict(zip(PLACES, likeliest)),
    }


@workload(params={"size": SIZES, "batch": BATCHES}, items="batch", setup=bert)
def encoder(directory, batch):
    return AutoModelForSequenceClassification.from_pretrained(directory), prompt(batch, 64)


@workload(params={"size": SIZES, "compile": [False, True]}, setup=llama)
def decoder(directory):
    return AutoModelForCausalLM.from_pretrained(directory), prompt(4, 64)


@workload(do="generate", params={"size": SIZES, "batch": [1, 8]}, items="batch", setup=llama)
def decoder_generates(directory, batch):
    model = AutoModelForCausalLM.from_pretrained(directory)
    return model, prompt(batch, 16), {"max_new_tokens": TOKENS}


@workload(do="generate", params={"size": SIZES, "batch": [1, 8]}, items="batch", setup=t5)
def encoder_decoder_generates(directory, batch):
    model = AutoModelForSeq2SeqLM.from_pretrained(directory)
    return model, prompt(batch, 32), {"max_new_tokens": TOKENS}


@workload(do="train", params={"size": SIZES, "batch": [4]}, items="batch", setup=llama)
def decoder_step(directory, batch):
    inputs = prompt(batch, 64)
    return AutoModelForCausalLM.from_pretrained(directory), {
        **inputs,
        "labels": inputs["input_ids"],
    }
