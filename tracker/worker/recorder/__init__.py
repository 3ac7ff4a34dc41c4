"""Scripts of the metrics recorder of the transformers benchmark, and the recorder they get."""
