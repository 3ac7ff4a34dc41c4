"""Model directories that transformers loads, with random weights: from nothing but this file.

    python benchmarks/gold/transformers_generation/_models.py NAME DIRECTORY

writes configuration, weights and a tokenizer, and prints the hash of it all. Needs no network
and no library, Python 3.8 or later: the same bytes come out everywhere and for ever, whatever
versions of torch and transformers a commit has. For speed random weights are as good as trained
ones; as answers they are nonsense.
"""

from __future__ import annotations

import json
import struct
import sys
from hashlib import sha256, shake_128
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: numbers that are made at a time
_CHUNK = 1 << 20
#: a byte -> the top byte of a float of 1/64 to 1/32 with its sign, and the one below
_SIGN = bytes(0x3C | byte & 0x80 for byte in range(256))
_LOW_EXPONENT = bytes(byte | 0x80 for byte in range(256))
_SPECIAL = ("[PAD]", "[UNK]", "[BOS]", "[EOS]", "[MASK]")
_PAD, _BOS, _EOS = 0, 2, 3


class Tensor(NamedTuple):
    """One tensor of a checkpoint."""

    name: str
    shape: tuple[int, ...]
    #: "random", "zeros" or "ones"
    content: str

    @property
    def numbers(self) -> int:
        """How many numbers it has."""
        product = 1
        for length in self.shape:
            product *= length
        return product


class Size(NamedTuple):
    """How large a model is."""

    vocabulary: int
    positions: int
    width: int
    layers: int
    heads: int
    #: width of the layers between
    inner: int


TINY = Size(vocabulary=1000, positions=512, width=64, layers=2, heads=4, inner=256)
BASE = Size(vocabulary=32000, positions=2048, width=768, layers=12, heads=12, inner=3072)


def bert(size: Size) -> tuple[dict[str, Any], list[Tensor]]:
    """An encoder that classifies a text."""
    config = {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "vocab_size": size.vocabulary,
        "max_position_embeddings": size.positions,
        "hidden_size": size.width,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "intermediate_size": size.inner,
        "type_vocab_size": 2,
        "pad_token_id": _PAD,
    }
    width = size.width
    tensors = [
        _random("bert.embeddings.word_embeddings.weight", size.vocabulary, width),
        _random("bert.embeddings.position_embeddings.weight", size.positions, width),
        _random("bert.embeddings.token_type_embeddings.weight", 2, width),
        *_norm("bert.embeddings.LayerNorm", width),
    ]
    for layer in range(size.layers):
        at = f"bert.encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            tensors += _linear(at + "attention.self." + part, width, width)
        tensors += _linear(at + "attention.output.dense", width, width)
        tensors += _norm(at + "attention.output.LayerNorm", width)
        tensors += _linear(at + "intermediate.dense", size.inner, width)
        tensors += _linear(at + "output.dense", width, size.inner)
        tensors += _norm(at + "output.LayerNorm", width)
    return config, [
        *tensors,
        *_linear("bert.pooler.dense", width, width),
        *_linear("classifier", 2, width),
    ]


def gpt2(size: Size) -> tuple[dict[str, Any], list[Tensor]]:
    """A decoder of the older kind: learned positions, normalised by mean and deviation."""
    config = {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": size.vocabulary,
        "n_positions": size.positions,
        "n_embd": size.width,
        "n_layer": size.layers,
        "n_head": size.heads,
        "n_inner": size.inner,
        **_boundaries(),
    }
    width = size.width
    tensors = [
        _random("transformer.wte.weight", size.vocabulary, width),
        _random("transformer.wpe.weight", size.positions, width),
    ]
    for layer in range(size.layers):
        at = f"transformer.h.{layer}."
        # its layers keep their weights transposed
        tensors += _norm(at + "ln_1", width)
        tensors += _linear(at + "attn.c_attn", width, 3 * width, biases=3 * width)
        tensors += _linear(at + "attn.c_proj", width, width)
        tensors += _norm(at + "ln_2", width)
        tensors += _linear(at + "mlp.c_fc", width, size.inner, biases=size.inner)
        tensors += _linear(at + "mlp.c_proj", size.inner, width, biases=width)
    return config, [*tensors, *_norm("transformer.ln_f", width)]


def llama(size: Size) -> tuple[dict[str, Any], list[Tensor]]:
    """A decoder of the newer kind: rotated positions, gated layers, shared keys and values."""
    groups = max(1, size.heads // 2)
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": size.vocabulary,
        "max_position_embeddings": size.positions,
        "hidden_size": size.width,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "num_key_value_heads": groups,
        "intermediate_size": size.inner,
        "tie_word_embeddings": False,
        **_boundaries(),
    }
    width, shared = size.width, size.width // size.heads * groups
    tensors = [_random("model.embed_tokens.weight", size.vocabulary, width)]
    for layer in range(size.layers):
        at = f"model.layers.{layer}."
        tensors += [
            _ones(at + "input_layernorm.weight", width),
            _random(at + "self_attn.q_proj.weight", width, width),
            _random(at + "self_attn.k_proj.weight", shared, width),
            _random(at + "self_attn.v_proj.weight", shared, width),
            _random(at + "self_attn.o_proj.weight", width, width),
            _ones(at + "post_attention_layernorm.weight", width),
            _random(at + "mlp.gate_proj.weight", size.inner, width),
            _random(at + "mlp.up_proj.weight", size.inner, width),
            _random(at + "mlp.down_proj.weight", width, size.inner),
        ]
    return config, [
        *tensors,
        _ones("model.norm.weight", width),
        _random("lm_head.weight", size.vocabulary, width),
    ]


def t5(size: Size) -> tuple[dict[str, Any], list[Tensor]]:
    """An encoder and a decoder: relative positions, added to what attention attends to."""
    config = {
        "architectures": ["T5ForConditionalGeneration"],
        "model_type": "t5",
        "is_encoder_decoder": True,
        "vocab_size": size.vocabulary,
        "n_positions": size.positions,
        "d_model": size.width,
        "d_kv": size.width // size.heads,
        "d_ff": size.inner,
        "num_layers": size.layers,
        "num_decoder_layers": size.layers,
        "num_heads": size.heads,
        "relative_attention_num_buckets": 32,
        "tie_word_embeddings": False,
        "pad_token_id": _PAD,
        "eos_token_id": _EOS,
        "decoder_start_token_id": _PAD,
    }
    tensors = [_random("shared.weight", size.vocabulary, size.width)]
    for stack, attentions in (
        ("encoder", ("SelfAttention",)),
        ("decoder", ("SelfAttention", "EncDecAttention")),
    ):
        for layer in range(size.layers):
            tensors += _t5_block(f"{stack}.block.{layer}.", attentions, size, first=not layer)
        tensors.append(_ones(f"{stack}.final_layer_norm.weight", size.width))
    return config, [*tensors, _random("lm_head.weight", size.vocabulary, size.width)]


def _t5_block(at: str, attentions: tuple[str, ...], size: Size, *, first: bool) -> Iterator[Tensor]:
    """The tensors of one block; the first one of a stack has its table of positions."""
    width = size.width
    for place, attention in enumerate(attentions):
        layer = f"{at}layer.{place}."
        for part in "qkvo":
            yield _random(f"{layer}{attention}.{part}.weight", width, width)
        if first and attention == "SelfAttention":
            name = layer + "SelfAttention.relative_attention_bias.weight"
            yield _random(name, 32, size.heads)
        yield _ones(layer + "layer_norm.weight", width)
    layer = f"{at}layer.{len(attentions)}."
    yield _random(layer + "DenseReluDense.wi.weight", size.inner, width)
    yield _random(layer + "DenseReluDense.wo.weight", width, size.inner)
    yield _ones(layer + "layer_norm.weight", width)


def _boundaries() -> dict[str, int]:
    return {"pad_token_id": _PAD, "bos_token_id": _BOS, "eos_token_id": _EOS}


def _random(name: str, *shape: int) -> Tensor:
    return Tensor(name, shape, "random")


def _ones(name: str, *shape: int) -> Tensor:
    return Tensor(name, shape, "ones")


def _zeros(name: str, *shape: int) -> Tensor:
    return Tensor(name, shape, "zeros")


def _linear(name: str, outputs: int, inputs: int, *, biases: int = 0) -> list[Tensor]:
    """Weights and biases; of these as many as outputs, unless told."""
    return [
        _random(name + ".weight", outputs, inputs),
        _zeros(name + ".bias", biases or outputs),
    ]


def _norm(name: str, width: int) -> list[Tensor]:
    return [_ones(name + ".weight", width), _zeros(name + ".bias", width)]


#: name -> architecture and size
MODELS: dict[str, tuple[Callable[[Size], tuple[dict[str, Any], list[Tensor]]], Size]] = {
    "bert-tiny": (bert, TINY),
    "gpt2-tiny": (gpt2, TINY),
    "llama-tiny": (llama, TINY),
    "t5-tiny": (t5, TINY),
    "bert-base": (bert, BASE),
    "gpt2-base": (gpt2, BASE),
    "llama-base": (llama, BASE),
    "t5-base": (t5, BASE),
}


def make(name: str, directory: Path) -> str:
    """Write a model's directory, and return the hash of what lies there.

    Args:
        name: one of ``MODELS``.
        directory: made where it is not there; files of the same names are replaced.
    """
    architecture, size = MODELS[name]
    config, tensors = architecture(size)
    directory.mkdir(parents=True, exist_ok=True)
    _write_json(directory, "config.json", {**config, "torch_dtype": "float32"})
    if "eos_token_id" in config:
        kept = [key for key in config if key.endswith("_token_id")]
        _write_json(directory, "generation_config.json", {key: config[key] for key in kept})
    _write_tokenizer(directory, size)
    with (directory / "model.safetensors").open("wb") as file:
        file.writelines(_checkpoint(tensors))
    return content_hash(directory)


def content_hash(directory: Path) -> str:
    """SHA-256 over names and contents of the files of a directory."""
    total = sha256()
    for path in sorted(directory.iterdir()):
        own = sha256()
        with path.open("rb") as file:
            for piece in iter(lambda: file.read(_CHUNK), b""):
                own.update(piece)
        total.update(f"{own.hexdigest()} {path.name}\n".encode())
    return total.hexdigest()


def _checkpoint(tensors: list[Tensor]) -> Iterator[bytes]:
    """A file of safetensors in pieces: the header's length, the header, the numbers."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for tensor in tensors:
        start, end = end, end + 4 * tensor.numbers
        header[tensor.name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the numbers begin at a multiple of eight
    yield struct.pack("<Q", len(text)) + text
    for tensor in tensors:
        yield from _numbers(tensor)


def _numbers(tensor: Tensor) -> Iterator[bytes]:
    """The tensor's numbers, 32 bits each, lowest byte first."""
    for start in range(0, tensor.numbers, _CHUNK):
        count = min(_CHUNK, tensor.numbers - start)
        if tensor.content == "random":
            yield _drawn(f"{tensor.name}/{start}", count)
        else:
            yield struct.pack("<f", float(tensor.content == "ones")) * count


def _drawn(seed: str, count: int) -> bytes:
    """Numbers of 1/64 to 1/32 with either sign, from the stream of a hash: nothing changes that.

    Their standard deviation is 0.024, about what the libraries initialise weights to. Of the
    two random bytes a number has, one gives its sign and the lower bits, one the higher bits.
    """
    stream = shake_128(seed.encode()).digest(2 * count)
    numbers = bytearray(4 * count)
    numbers[1::4] = stream[::2]
    numbers[2::4] = stream[1::2].translate(_LOW_EXPONENT)
    numbers[3::4] = stream[::2].translate(_SIGN)
    return bytes(numbers)


def _write_tokenizer(directory: Path, size: Size) -> None:
    """Write a tokenizer of words ``w5``, ``w6``, ... with spaces between them."""
    words = [*_SPECIAL, *(f"w{place}" for place in range(len(_SPECIAL), size.vocabulary))]
    special = [
        {
            "id": place,
            "content": word,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for place, word in enumerate(_SPECIAL)
    ]
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: place for place, word in enumerate(words)},
            "unk_token": "[UNK]",
        },
    }
    roles = {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "bos_token": "[BOS]",
        "eos_token": "[EOS]",
        "mask_token": "[MASK]",
    }
    _write_json(directory, "tokenizer.json", tokenizer)
    _write_json(
        directory,
        "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": size.positions,
            "clean_up_tokenization_spaces": False,
            **roles,
        },
    )
    _write_json(directory, "special_tokens_map.json", roles)


def _write_json(directory: Path, name: str, content: dict[str, Any]) -> None:
    (directory / name).write_bytes((json.dumps(content, indent=1) + "\n").encode())


def main(arguments: list[str]) -> int:
    """Make one model; 2 where the command line names none."""
    if len(arguments) != 2 or arguments[0] not in MODELS:
        names = ", ".join(MODELS)
        sys.stderr.write(f"usage: _models.py NAME DIRECTORY\nthe names are {names}\n")
        return 2
    name, directory = arguments
    print(make(name, Path(directory)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
