"""Where do gates pay on real text? ``python -m benchmarks.language_models``

A plain recurrent network, a GRU and an LSTM with equally many weights learn to say the next character of Shakespeare's
works, each with several learning rates and seeds, and each for the same time. Every run keeps its bits per character on
the validation works as it goes on, so that the networks can be compared after equally many updates as well as after
equal time, and its bits on the test works at the end. The chapter on language models shows what comes out.

The time is that of the processor, on one thread, and only of the training: other programs do not count, nor what XLA
takes to compile. What has been measured is kept after each run, and not measured again: a second call goes on.
"""

import argparse
import datetime
import importlib.metadata
import json
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "language_models.json"
# Units that give each network 48,000 weights, embedding and output layer included, to within one per cent.
UNITS = {"SimpleRNN": 163, "GRU": 96, "LSTM": 83}
EMBEDDING = 32
ROWS, CHUNK = 16, 64  # streams that are read side by side, and characters between two updates
WARM_UP = 100  # characters that are read before the score counts
SCORED = (50, 500)  # streams and characters in each, warming up included
TESTED = 4  # times as many streams are scored at the end, on the test works
UPDATES_A_LOOK = 100


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10, help="of training for each run (default: %(default)s)")
    parser.add_argument("--rates", type=float, nargs="+", default=[0.003, 0.01, 0.03], help="default: %(default)s")
    parser.add_argument("--seeds", type=int, default=3, help="how many (default: %(default)s)")
    parser.add_argument("--layers", nargs="+", default=list(UNITS), choices=list(UNITS), help="default: all")
    parser.add_argument("--results", type=Path, default=RESULTS, help="default: %(default)s")
    options = parser.parse_args()

    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)  # so that the processor's time is the time
    tf.config.threading.set_inter_op_parallelism_threads(1)
    text, alphabet = numbered_works()
    kept = _kept(options.results, options.seconds, alphabet, text)
    models = {}
    for seed in range(options.seeds):
        for rate in options.rates:
            for name in options.layers:
                if any((run["layer"], run["rate"], run["seed"]) == (name, rate, seed) for run in kept["runs"]):
                    continue
                if name not in models:
                    models[name] = reader(name, len(alphabet)), reader(name, len(alphabet), *SCORED)
                run = trained(*models[name], text, rate, seed, options.seconds)
                kept["weights"][name] = models[name][0].count_params()
                kept["runs"].append({"layer": name, "rate": rate, "seed": seed, **run})
                kept["date"] = datetime.date.today().isoformat()
                _write(kept, options.results)
                looks = ", ".join(f"{bits:.2f}" for bits in run["looks"])
                print(
                    f"{name:9} rate {rate:g} seed {seed}: {run['updates']} updates, {looks}, test {run['test']:.2f}",
                    flush=True,
                )
    return 0


def numbered_works() -> tuple[dict[str, np.ndarray], str]:
    """The works of each split as numbers of characters, and the characters that the training works have."""
    import tensorflow_datasets as tfds

    import seqmodels.datasets  # noqa: F401  registers the course's data sets

    splits = ("train", "validation", "test")
    texts = {
        split: "".join(work["text"].decode() for work in tfds.as_numpy(tfds.load("shakespeare", split=split)))
        for split in splits
    }
    alphabet = "".join(sorted(set(texts["train"])))
    table = np.zeros(128, "int32")
    table[[ord(character) for character in alphabet]] = np.arange(len(alphabet))
    return {split: table[np.frombuffer(text.encode("ascii"), "uint8")] for split, text in texts.items()}, alphabet


def chunks(numbers: np.ndarray, rows: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets for a stateful network, each (chunks * rows, length).

    The text is cut into as many streams as there are rows. Row r of a batch goes on where row r of the batch before it
    ended, and each target is the character after its input.
    """
    count = (len(numbers) - 1) // rows // length
    streams = numbers[: rows * count * length].reshape(rows, count, length)
    following = numbers[1 : rows * count * length + 1].reshape(rows, count, length)
    return tuple(part.swapaxes(0, 1).reshape(-1, length) for part in (streams, following))


def reader(name: str, characters: int, rows: int = ROWS, length: int | None = None):
    """A network that reads and says what comes next, ready for training; with a length, one that begins from zeros."""
    import keras
    from keras import layers

    stateful = length is None
    layer = getattr(layers, name)(UNITS[name], return_sequences=True, stateful=stateful)
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(rows, length or CHUNK), dtype="int32"),
            layers.Embedding(characters, EMBEDDING),
            layer,
            layers.Dense(characters),
        ]
    )
    if stateful:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        optimiser = keras.optimizers.Adam(global_clipnorm=1.0)
        model.compile(optimiser, loss, jit_compile=True)
        optimiser.build(model.trainable_variables)
    return model


def trained(model, judge, text: dict[str, np.ndarray], rate: float, seed: int, seconds: float) -> dict:
    """Train the model from new weights, for some seconds, and say how it did.

    Returns: the updates; the seconds of each update; the bits per character on the validation works after every
    UPDATES_A_LOOK updates; and at the end, on more of them, those on the validation and the test works.
    """
    from seqmodels.training import start_afresh

    start_afresh(model, seed)
    model.optimizer.learning_rate = rate
    inputs, targets = (part.reshape(-1, ROWS, CHUNK) for part in chunks(text["train"], ROWS, CHUNK))
    model.train_on_batch(inputs[0], targets[0])  # compiles, at the first run
    start_afresh(model, seed)
    spent, updates, looks = 0.0, 0, []
    while spent < seconds:
        before = time.process_time()
        for _ in range(UPDATES_A_LOOK // 2):
            if updates % len(inputs) == 0:
                model.layers[1].reset_states()
            number = updates % len(inputs)
            model.train_on_batch(inputs[number], targets[number])
            updates += 1
        spent += time.process_time() - before
        if updates % UPDATES_A_LOOK == 0:
            looks.append(round(bits(model, judge, text["validation"]), 4))
    return {
        "updates": updates,
        "seconds_per_update": round(spent / updates, 5),
        "looks": looks,
        "validation": round(bits(model, judge, text["validation"], TESTED), 4),
        "test": round(bits(model, judge, text["test"], TESTED), 4),
    }


def bits(model, judge, numbers: np.ndarray, times: int = 1) -> float:
    """Bits per character on streams spread over a text, each after a beginning that is read and not scored."""
    rows, length = SCORED
    judge.set_weights([variable.numpy() for variable in model.trainable_variables])
    starts = np.linspace(0, len(numbers) - length - 1, times * rows).astype(int)
    cut = numbers[starts[:, None] + np.arange(length + 1)]  # (times * rows, length + 1)
    losses = [_nats(judge, part).mean() for part in np.split(cut, times)]
    return float(np.mean(losses) / np.log(2))


def _nats(judge, cut: np.ndarray) -> np.ndarray:
    """The loss of each character that is scored, (rows, scored)."""
    logits = judge.predict_on_batch(cut[:, :-1])[:, WARM_UP:]  # (rows, scored, characters)
    logits = logits - logits.max(axis=-1, keepdims=True)
    said = np.take_along_axis(logits, cut[:, WARM_UP + 1 :, None], axis=-1)[..., 0]
    return np.log(np.exp(logits).sum(axis=-1)) - said


def _kept(path: Path, seconds: float, alphabet: str, text: dict[str, np.ndarray]) -> dict:
    """What has been measured already, under the same conditions."""
    from tools.hardware import described

    versions = {name: importlib.metadata.version(name) for name in ("tensorflow", "keras", "numpy")}
    conditions = {
        "machine": described(),
        "versions": versions,
        "seconds": seconds,
        "units": UNITS,
        "embedding": EMBEDDING,
        "rows": ROWS,
        "chunk": CHUNK,
        "updates_a_look": UPDATES_A_LOOK,
        "characters": {split: len(numbers) for split, numbers in text.items()},
        "alphabet": len(alphabet),
    }
    if path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if {name: kept.get(name) for name in conditions} == conditions:
            return kept
        print(f"{path} was measured under other conditions, and is written anew.")
    return {**conditions, "date": None, "weights": {}, "runs": []}


def _write(kept: dict, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
