import pytest

from tracker.worker.recorder.measured_keys import unit_and_direction


@pytest.mark.parametrize(
    ("key", "unit", "direction"),
    [
        ("model_load_time", "s", "lower"),
        ("first_eager_forward_pass_time_secs", "s", "lower"),
        ("time_to_next_token_mean_secs", "s", "lower"),
        ("compile_seconds", "s", "lower"),
        ("Latency_MS", "ms", "lower"),
        ("peak_megabytes", "MB", "lower"),
        ("cache_bytes", "bytes", "lower"),
        ("tokens_per_sec", "1/s", "higher"),
        ("decode_tokens_per_second", "1/s", "higher"),
        ("throughput_secs", "-", "higher"),
        ("perplexity", "-", "lower"),
        ("secs", "-", "lower"),
    ],
)
def test_a_key_says_its_unit_and_which_way_is_better(key: str, unit: str, direction: str) -> None:
    assert unit_and_direction(key) == (unit, direction)
