#!/usr/bin/env python3
"""Trains the network of src/lm/context.rs: what stood at a place, by the words on both sides, the garbled word and the topic.

    cargo run --release --example context_data -- TEXTS DATA
    python3 dictionaries/recipes/train_context.py DATA dictionaries/english.lm dictionaries/english.context

With --further FILE it goes on from the network of that file, at a smaller step.

DATA is what `examples/context_data.rs` wrote. Stretches of the texts are garbled, each by a made-up spinner of its own of which a random part of the
words is in use, or by the shipped profile; then most of the swapped words are put right again, some are misread and some left, as
the decoder does it. At half swapped and half other places the network learns to tell the plain word from the garbled one, from
its relatives and from 256 other words (cross-entropy). Three quarters of an hour on two cores with 9,000 steps. Needs numpy, jax and optax; the same steps
give another file on another machine, for sums are rounded in another order.
"""

import argparse
import csv
import struct
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

# as in src/lm/context.rs
WIDTH, HIDDEN, REACH, VECTOR = 64, 448, 6, 50
VECTOR_LENGTH, TOPIC = 3.0, 4.0
MOST_INPUT, MOST_WEIGHT = 16383, 127
# words that have rows of their own; the others have their vectors only
ROWS = 12_288
# share of the stretches that come from each text
SHARES = {
    "senate-releases": 0.32,
    "prose": 0.32,
    "us-gov-blogs": 0.18,
    "un-debates": 0.08,
    "economics-textbook": 0.04,
    "state-of-the-union": 0.03,
    "world-factbook": 0.03,
}
# stretches of a batch, positions of a stretch, places of a stretch
STRETCHES, POSITIONS, PLACES = 32, 384, 128
# relatives of a garbled word that are asked about, the first of them always, and other words
RELATIVES, FIRST, OTHERS = 16, 8, 256
# how many kinds of made-up spinners come in turn (examples/context_data.rs, KINDS)
KINDS = 4
# share of stretches that the shipped profile garbles
LISTED = 0.12
# share of rows that are left out in a step, so that the vectors learn to do without
DROPPED = 0.1
RATE, FURTHER_RATE = 1.5e-3, 6e-4
SPECIAL = 4
END = 2
HEADER = 64


class Data:
    """What the example wrote."""

    def __init__(self, folder, profile):
        lines = (folder / "vocabulary.tsv").read_text(encoding="utf-8").splitlines()
        words = [line.split("\t")[0] for line in lines]
        self.frequency = np.array([float(line.split("\t")[1]) for line in lines])
        self.number = len(words)
        vectors = np.fromfile(folder / "vectors.bin", np.int8).reshape(self.number, VECTOR).astype(np.float32)
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.vectors = vectors / np.maximum(length, 1e-6) * VECTOR_LENGTH
        self.relatives = np.fromfile(folder / "relatives.bin", "<u2").reshape(self.number, -1).astype(np.int32)
        self.related = (self.relatives > 0).sum(1)
        self.spinners = np.fromfile(folder / "spinners.bin", "<u2").reshape(-1, self.number)
        self.texts = {}
        for name in SHARES:
            both = np.fromfile(folder / f"{name}.ids", "<u2").reshape(-1, 2)
            self.texts[name] = both[:, 0].astype(np.int32), both[:, 1].astype(bool)
        others = np.exp(self.frequency * 0.75)
        others[:SPECIAL] = 0
        self.others = np.cumsum(others / others.sum())
        ids = {word: number for number, word in enumerate(words)}
        self.listed = {}
        with profile.open(encoding="utf-8") as lines:
            for pair in csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"):
                if pair["plain"] in ids and pair["cipher"] in ids:
                    images = self.listed.setdefault(ids[pair["plain"]], [])
                    images.append((ids[pair["cipher"]], float(pair["confidence"])))

    def images(self, rng, plain):
        """The images of some words by a spinner that is made up for them, or zero."""
        if rng.random() >= LISTED:
            # words are drawn one by one, so any row may give the image of each: no spinner comes twice, and none can be learned by heart
            rows = rng.integers(0, len(self.spinners) // KINDS, self.number) * KINDS + rng.integers(KINDS)
            return self.spinners[rows[plain], plain].astype(np.int32)
        listed = np.zeros(self.number, np.int32)
        for word, choices in self.listed.items():
            image, confidence = choices[rng.integers(len(choices))]
            if rng.random() < 0.3 + 0.7 * confidence:
                listed[word] = image
        return listed[plain]

    def stretch(self, rng):
        """Plain, garbled and read words of a stretch, and which of them may be swapped."""
        names = list(SHARES)
        plain, may = self.texts[names[rng.choice(len(names), p=list(SHARES.values()))]]
        start = rng.integers(0, len(plain) - POSITIONS - 2 * REACH)
        plain, may = plain[start : start + POSITIONS + 2 * REACH], may[start : start + POSITIONS + 2 * REACH]
        images = self.images(rng, plain)
        # what is decided of a word holds throughout the stretch
        draw = rng.random((3, self.number), dtype=np.float32)
        in_use = rng.uniform(0.25, 1.0) if rng.random() < 0.7 else 1.0
        swapped = may & (images > 0) & (draw[0][plain] < in_use)
        garbled = np.where(swapped, images, plain)
        some = np.minimum(self.related[garbled], 24)
        wrong = self.relatives[garbled, (draw[2][garbled] * np.maximum(some, 1)).astype(np.int32)]
        wrong = np.where(wrong > 0, wrong, garbled)
        right, missed = rng.uniform(0.35, 0.98), rng.uniform(0, 0.08)
        chance = draw[1][garbled]
        of_swapped = np.where(chance < right, plain, np.where(chance < right + (1 - right) * 0.45, garbled, wrong))
        of_others = np.where(may & (chance < missed), wrong, plain)
        read = np.where(swapped, of_swapped, of_others)
        read = np.where((rng.random(len(plain)) < 0.05) & swapped, garbled, read)
        return plain, garbled, read, may, swapped

    def batch(self, rng):
        """Stretches as they are read, and places in them."""
        number = STRETCHES * PLACES
        batch = {
            "read": np.zeros((STRETCHES, POSITIONS + 2 * REACH), np.int32),
            "around": np.zeros((number, 2 * REACH), np.int32),
            "garbled": np.zeros(number, np.int32),
            "plain": np.zeros(number, np.int32),
            "own": np.zeros(number, np.int32),
            "weight": np.zeros(number, np.float32),
            "stretch": np.repeat(np.arange(STRETCHES), PLACES).astype(np.int32),
            "kept": (rng.random(ROWS) > DROPPED).astype(np.float32),
            "others": np.searchsorted(self.others, rng.random(OTHERS)).clip(SPECIAL, self.number - 1).astype(np.int32),
        }
        beside = np.concatenate([np.arange(-REACH, 0), np.arange(1, REACH + 1)])
        inner = np.arange(REACH, POSITIONS + REACH)
        for stretch in range(STRETCHES):
            plain, garbled, read, may, swapped = self.stretch(rng)
            known = plain[inner] >= SPECIAL
            ours = rng.permutation(inner[swapped[inner] & known])[: PLACES // 2]
            rest = rng.permutation(inner[(may & ~swapped)[inner] & known])[: PLACES - len(ours)]
            at = np.concatenate([ours, rest])
            to = slice(stretch * PLACES, stretch * PLACES + len(at))
            batch["read"][stretch] = read
            batch["around"][to] = read[at[:, None] + beside]
            batch["garbled"][to], batch["plain"][to], batch["own"][to] = garbled[at], plain[at], read[at]
            batch["weight"][to] = 1
        some = np.maximum(np.minimum(self.related[batch["garbled"]], self.relatives.shape[1]), 1)
        pick = (rng.random((number, RELATIVES)) * some[:, None]).astype(np.int32)
        pick[:, :FIRST] = np.arange(FIRST)
        batch["relatives"] = np.take_along_axis(self.relatives[batch["garbled"]], pick, 1)
        return batch


def start(data):
    """Weights before the first step."""
    keys = iter(jax.random.split(jax.random.PRNGKey(0), 9))

    def normal(*shape, scale):
        return jax.random.normal(next(keys), shape) * scale

    inputs = (2 * REACH + 2) * WIDTH
    return {
        "inward": normal(VECTOR, WIDTH, scale=0.1),
        "input_rows": normal(ROWS, WIDTH, scale=0.05),
        "outward": normal(VECTOR, WIDTH, scale=0.1),
        "output_rows": normal(ROWS, WIDTH, scale=0.05),
        "bias": jnp.zeros(ROWS),
        # how much a word tells of the topic, as a logarithm
        "salience": jnp.array(np.log(1e-3 / (1e-3 + np.exp(data.frequency[:ROWS]))), jnp.float32),
        "first": normal(inputs, HIDDEN, scale=inputs**-0.5),
        "first_bias": jnp.zeros(HIDDEN),
        "second": normal(HIDDEN, HIDDEN, scale=HIDDEN**-0.5),
        "second_bias": jnp.zeros(HIDDEN),
        "third": normal(HIDDEN, HIDDEN, scale=HIDDEN**-0.5 / 2),
        "third_bias": jnp.zeros(HIDDEN),
        "query": normal(HIDDEN, WIDTH, scale=HIDDEN**-0.5),
        "query_bias": jnp.zeros(WIDTH),
        "itself": normal(HIDDEN, 1, scale=0.01),
        "itself_bias": jnp.zeros(1),
    }


def read(content):
    """The weights of a network as `written` wrote it."""
    head = np.frombuffer(content, "<u4", 1, 12)[0]
    assert content[:8] == b"UNSPINCX" and head == ROWS, "not a network of this size"
    at = HEADER

    def take(kind, *shape):
        nonlocal at
        found = np.frombuffer(content, kind, int(np.prod(shape)), at).reshape(shape)
        at += found.nbytes
        return found.astype(np.float32)

    p = {"inward": take("<f4", VECTOR, WIDTH), "outward": take("<f4", VECTOR, WIDTH)}
    layers = {"first": (2 * REACH + 2) * WIDTH, "second": HIDDEN, "third": HIDDEN, "query": HIDDEN, "itself": HIDDEN}
    units = {"first": HIDDEN, "second": HIDDEN, "third": HIDDEN, "query": WIDTH, "itself": 1}
    scales = {name: take("<f4", units[name], 2) for name in layers}
    rows = take("<f4", ROWS, 4)
    for name, inputs in layers.items():
        p[name] = (take(np.int8, units[name], inputs) * scales[name][:, :1]).T
        p[f"{name}_bias"] = scales[name][:, 1]
    p["input_rows"], p["output_rows"] = take(np.int8, ROWS, WIDTH) * rows[:, :1], take(np.int8, ROWS, WIDTH) * rows[:, 1:2]
    p["bias"], p["salience"] = rows[:, 2], np.log(np.maximum(rows[:, 3], 1e-9))
    assert at == len(content), "bytes behind the network"
    return {name: jnp.asarray(part) for name, part in p.items()}


def padded(rows, number):
    """What the words with rows of their own have, and nothing for the others."""
    return jnp.concatenate([rows, jnp.zeros((number - ROWS, *rows.shape[1:]))], 0)


def layers(p, vectors, batch):
    """Inputs and hidden units of each place."""
    table = vectors @ p["inward"] + padded(p["input_rows"] * batch["kept"][:, None], len(vectors))
    salience = jnp.exp(padded(p["salience"], len(vectors)))
    weights = salience[batch["read"]]
    sums, all_weights = (table[batch["read"]] * weights[..., None]).sum(1), weights.sum(1)
    own = salience[batch["own"]][:, None]
    topic = sums[batch["stretch"]] - table[batch["own"]] * own
    topic = topic / (all_weights[batch["stretch"]][:, None] - own + 1e-3) * TOPIC
    around = table[batch["around"]].reshape(len(own), -1)
    inputs = jnp.concatenate([around, table[batch["garbled"]], topic], 1)
    first = jax.nn.relu(inputs @ p["first"] + p["first_bias"])
    second = jax.nn.relu(first @ p["second"] + p["second_bias"])
    third = first + second @ p["third"] + p["third_bias"]
    return inputs, first, second, third


def loss(p, vectors, batch):
    """Mean cross-entropy in nats; share of the swapped words, and of the others, at which the plain word is likeliest."""
    third = layers(p, vectors, batch)[-1]
    query, itself = third @ p["query"] + p["query_bias"], (third @ p["itself"] + p["itself_bias"])[:, 0]
    table = vectors @ p["outward"] + padded(p["output_rows"] * batch["kept"][:, None], len(vectors))
    bias = padded(p["bias"], len(vectors))
    plain, garbled, relatives, others = batch["plain"], batch["garbled"], batch["relatives"], batch["others"]
    swapped = plain != garbled
    one = lambda word: (query * table[word]).sum(1) + bias[word]
    known = lambda words: (words == plain[:, None]) | (words == garbled[:, None])
    right = one(plain) + jnp.where(swapped, 0, itself)
    as_it_stands = jnp.where(swapped, one(garbled) + itself, -1e9)
    near = jnp.einsum("pd,pkd->pk", query, table[relatives]) + bias[relatives]
    near = jnp.where(known(relatives) | (relatives == 0), -1e9, near)
    far = jnp.where(known(others[None]), -1e9, query @ table[others].T + bias[others])
    wrong = jnp.concatenate([as_it_stands[:, None], near, far], 1)
    log = right - jax.nn.logsumexp(jnp.concatenate([right[:, None], wrong], 1), 1)
    best = (wrong.max(1) < right) * batch["weight"]
    share = lambda of: (best * of).sum() / (batch["weight"] * of).sum()
    return -(log * batch["weight"]).sum() / batch["weight"].sum(), (share(swapped), share(~swapped))


def train(data, steps, seed, further):
    """Adam, with a step size that falls to nothing."""
    rng, vectors = np.random.default_rng(seed), jnp.asarray(data.vectors)
    optimiser = optax.adam(1.0, b2=0.99)
    p, most = (read(further), FURTHER_RATE) if further else (start(data), RATE)
    state = optimiser.init(p)

    @jax.jit
    def step(p, state, batch, rate):
        (mean, shares), slope = jax.value_and_grad(loss, has_aux=True)(p, vectors, batch)
        slope = jax.tree.map(lambda part: part * jnp.minimum(1, 1 / optax.global_norm(slope)), slope)
        change, state = optimiser.update(slope, state, p)
        return jax.tree.map(lambda old, by: old + rate * by, p, change), state, mean, shares

    told, batch = [], data.batch(rng)
    for number in range(steps):
        rate = most * min(1, (number + 1) / 200) * max(0.02, 1 - number / steps)
        p, state, mean, shares = step(p, state, batch, rate)
        # while the step is worked out
        batch = data.batch(rng)
        told.append([float(mean), *map(float, shares)])
        if number % 100 == 99:
            print(number + 1, *np.round(np.mean(told, 0), 4), flush=True)
            told = []
    return {name: np.asarray(part, np.float32) for name, part in p.items()}


def checksum(content):
    """As src/lm/format.rs has it."""
    mask, whole = (1 << 64) - 1, len(content) // 8 * 8
    value = 0x243F6A8885A308D3 ^ len(content)
    for (word,) in struct.iter_unpack("<Q", content[:whole]):
        value = ((value ^ word) * 0x9E3779B97F4A7C15) & mask
        value = ((value << 29) | (value >> 35)) & mask
    for byte in content[whole:]:
        value = ((value ^ byte) * 0x100000001B3) & mask
    return value ^ (value >> 31)


def scaled(rows, most, kind):
    """Whole numbers, and what each row has to be multiplied by."""
    scale = np.maximum(np.abs(rows).max(1), 1e-9) / most
    return np.round(rows / scale[:, None]).astype(kind), scale.astype("<f4")


def written(p, data, language, seed):
    """The bytes of the file."""
    batch = {**data.batch(np.random.default_rng(seed)), "kept": np.ones(ROWS, np.float32)}
    ranges = [np.abs(part) for part in layers(p, jnp.asarray(data.vectors), batch)]
    steps = [MOST_INPUT / (1.5 * part.max()) for part in ranges]
    units, weights = [], []
    for name in ("first", "second", "third", "query", "itself"):
        rows, scale = scaled(p[name].T, MOST_WEIGHT, np.int8)
        weights.append(rows.tobytes())
        units.append(np.stack([scale, p[f"{name}_bias"]], 1).astype("<f4").tobytes())
    inward, input_scale = scaled(p["input_rows"], 127, np.int8)
    outward, output_scale = scaled(p["output_rows"], 127, np.int8)
    rows = np.stack([input_scale, output_scale, p["bias"], np.exp(p["salience"])], 1).astype("<f4")
    vectors = [p["inward"].astype("<f4").tobytes(), p["outward"].astype("<f4").tobytes()]
    body = b"".join([*vectors, *units, rows.tobytes(), *weights, inward.tobytes(), outward.tobytes()])
    (trained_for,) = struct.unpack("<Q", language[16:24])
    head = struct.pack("<8sIIQQ4f", b"UNSPINCX", 2, ROWS, trained_for, checksum(body), *steps)
    return head.ljust(HEADER, b"\0") + body


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("language_model", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--steps", type=int, default=9_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--further", type=Path)
    arguments = parser.parse_args()
    data = Data(arguments.data, arguments.language_model.parent / "profiles" / "beryllium.tsv")
    further = arguments.further and arguments.further.read_bytes()
    trained = train(data, arguments.steps, arguments.seed, further)
    with arguments.language_model.open("rb") as file:
        language = file.read(HEADER)
    arguments.output.write_bytes(written(trained, data, language, arguments.seed))


if __name__ == "__main__":
    main()
