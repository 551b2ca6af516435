#!/usr/bin/env python3
"""Learns what the audio analysis weighs from the synthesised corpus and writes it as a C++ header.

  kbeat_audio_evidence 0 2520 > evidence.jsonl
  train_audio.py evidence.jsonl > lib/kbeat/audio/learned_weights.hpp

Five decisions, each from the evidence the analysis itself gathers:
  tempo     which candidate is the beat: boosted oblivious trees (Friedman, Greedy function approximation, 2001) on
            the likelihood of the right one among a piece's candidates
  phase     by how much of a beat the tracked beats must be moved: a conditional logit
  presence  whether there is a beat at all: trees whose sum is the logarithm of the odds
  key       which of 24 keys: a conditional logit, in which major and minor weigh pitch classes and triads apart
  tones     whether there is a key at all, which drums alone and noise have not: as presence

Styles are held out in turn in six folds; the scores of those stand in the header, and the temper of the tempo's odds
is what makes the held-out shares most likely. Nothing is drawn at random and sums run in one order, so that the same
evidence gives the same digits. Needs numpy.
"""
import collections
import datetime
import json
import math
import re
import sys
import pathlib

import numpy as np

FOLDS, SAME = 6, 0.04
TEMPO_TREES, PRESENCE_TREES, DEPTH, RATE, TREE_PENALTY, BINS = 150, 60, 3, 0.1, 5.0, 24
PENALTY, KEY_PENALTY = 0.001, 0.003
KEY_SHARED, KEY_CLASSES, TRIAD_SCALE = 5, 12, 6.0  # of key_evidence.hpp; shares of triads are small beside the rest
SEED = re.search(r"k_seed = ([\d']+)", pathlib.Path(__file__).with_name("corpus.hpp").read_text()).group(1).replace("'", "")


class Trees:
    """Gradient boosting of the log likelihood of the answer within each group of rows; without groups each row is a
    question of its own, to be answered by yes (1) or no (0)."""

    def __init__(self, rows, answers, groups, count):
        self.trees = []
        edges = [np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1]).astype(np.float32)) for column in rows.T]
        binned = np.stack([np.searchsorted(e, column.astype(np.float32)) for e, column in zip(edges, rows.T)], 1)
        odds = np.zeros(len(rows))
        for _ in range(count):
            shares = 1 / (1 + np.exp(-odds)) if groups is None else self.shares(odds, groups)
            slope, bend = answers - shares, np.maximum(shares * (1 - shares), 1e-6)
            leaf, questions = np.zeros(len(rows), int), []
            for level in range(DEPTH):
                feature, edge = self.best_question(binned, edges, leaf, 1 << level, slope, bend)
                questions.append((feature, float(edges[feature][edge])))
                leaf = leaf * 2 + (binned[:, feature] > edge)
            sums = np.bincount(leaf, slope, 1 << DEPTH), np.bincount(leaf, bend, 1 << DEPTH)
            leaves = np.round(RATE * sums[0] / (sums[1] + TREE_PENALTY), 5)
            self.trees.append((questions, leaves))
            odds += leaves[leaf]

    @staticmethod
    def shares(odds, groups):
        first = np.r_[True, groups[1:] != groups[:-1]]
        starts, piece = np.flatnonzero(first), np.cumsum(first) - 1
        shares = np.exp(odds - np.maximum.reduceat(odds, starts)[piece])
        return shares / np.add.reduceat(shares, starts)[piece]

    @staticmethod
    def best_question(binned, edges, leaf, leaves, slope, bend):
        best = (-1.0, 0, 0)
        for feature, thresholds in enumerate(edges):
            if not len(thresholds):
                continue
            index, size = leaf * (BINS + 1) + binned[:, feature], leaves * (BINS + 1)
            slopes, bends = (np.bincount(index, x, size).reshape(leaves, -1) for x in (slope, bend))
            under = [x.cumsum(1)[:, :len(thresholds)] for x in (slopes, bends)]
            over = [x.sum(1)[:, None] - u for x, u in zip((slopes, bends), under)]
            gain = sum((s ** 2 / (b + TREE_PENALTY)).sum(0) for s, b in (under, over))
            edge = int(np.argmax(gain))
            best = max(best, (float(gain[edge]), feature, edge), key=lambda g: g[0])
        return best[1:]

    def odds(self, rows):
        sums = np.zeros(len(rows))
        for questions, leaves in self.trees:
            leaf = np.zeros(len(rows), int)
            for feature, threshold in questions:
                leaf = leaf * 2 + (rows[:, feature].astype(np.float32) > np.float32(threshold))
            sums += leaves[leaf]
        return sums


def logit(choices, penalty):
    """Newton's method, steps halved while they do not help, for a conditional logit: `choices` are pairs of rows, as
    many in each, and the number of the answer."""
    rows = np.stack([c[0] for c in choices])
    answers = rows[np.arange(len(rows)), [c[1] for c in choices]]
    size = rows.shape[2]

    def loss(weights):
        odds = rows @ weights
        top = odds.max(axis=1)
        likely = answers @ weights - top - np.log(np.exp(odds - top[:, None]).sum(axis=1))
        return penalty * weights @ weights - likely.mean()

    weights = np.zeros(size)
    for _ in range(100):
        odds = rows @ weights
        shares = np.exp(odds - odds.max(axis=1)[:, None])
        shares /= shares.sum(axis=1)[:, None]
        means = (shares[:, None, :] @ rows)[:, 0]
        slope = 2 * penalty * weights + (means - answers).mean(axis=0)
        flat = rows.reshape(-1, size)
        bend = 2 * penalty * np.eye(size) + ((flat * shares.reshape(-1, 1)).T @ flat - means.T @ means) / len(rows)
        step, before = np.linalg.solve(bend, slope), loss(weights)
        while loss(weights - step) > before and np.abs(step).max() > 1e-12:
            step /= 2
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def same(bpm, truth, factors=(1,)):
    return any(abs(bpm - truth * f) <= SAME * truth * f for f in factors)


class TempoPiece:
    def __init__(self, item):
        self.style, self.truth = item["style"], item["truth"]
        self.tempi = np.array([candidate[0] for candidate in item["tempo"]])
        self.rows = np.array([candidate[1:] for candidate in item["tempo"]])
        right = [i for i, bpm in enumerate(self.tempi) if same(bpm, self.truth)]
        self.answer = min(right, key=lambda i: abs(self.tempi[i] - self.truth)) if right else None


def grow(pieces):
    pieces = [p for p in pieces if p.answer is not None]
    groups = np.concatenate([np.full(len(p.rows), i) for i, p in enumerate(pieces)])
    answers = np.concatenate([np.eye(len(p.rows))[p.answer] for p in pieces])
    return Trees(np.vstack([p.rows for p in pieces]), answers, groups, TEMPO_TREES)


def folds(styles):
    return [set(styles[i::FOLDS]) for i in range(FOLDS)]


def temper(held):
    """The factor on the odds that makes the answers of held-out pieces most likely, by halving of its slope."""
    low, high = 0.1, 2.0
    for _ in range(40):
        middle = (low + high) / 2
        slope = 0.0
        for odds, answer in held:
            shares = np.exp(middle * (odds - odds.max()))
            slope += odds[answer] - (shares @ odds) / shares.sum()
        low, high = (middle, high) if slope > 0 else (low, middle)
    return (low + high) / 2


def learn_tempo(items):
    pieces = [TempoPiece(item) for item in items if item["truth"] > 0 and item["tempo"]]
    score, held_odds, answers, by_style = collections.Counter(), [], [], collections.defaultdict(collections.Counter)
    for fold in folds(sorted({p.style for p in pieces})):
        trees = grow([p for p in pieces if p.style not in fold])
        for piece in pieces:
            if piece.style not in fold:
                continue
            odds = trees.odds(piece.rows)
            if piece.answer is not None:
                held_odds.append((odds, piece.answer))
            found = piece.tempi[int(np.argmax(odds))]
            answers.append((odds, same(found, piece.truth)))
            for tally in (score, by_style[piece.style]):
                tally["pieces"] += 1
                tally["acc1"] += same(found, piece.truth)
                tally["acc2"] += same(found, piece.truth, (1, 2, 3, 1 / 2, 1 / 3))
    for style, tally in sorted(by_style.items()):
        print(f"tempo {style:12} {tally['acc1']:3}/{tally['acc2']:3} of {tally['pieces']}", file=sys.stderr)
    tempered = temper(held_odds)
    return grow(pieces), tempered, score, reliability(tempered, answers)


def reliability(tempered, answers):
    """For answers given with a share in each range: how many, and how many of them are right."""
    tally = {0.0: [0, 0], 0.5: [0, 0], 0.7: [0, 0], 0.9: [0, 0]}
    for odds, right in answers:
        share = 1 / np.exp(tempered * (odds - odds.max())).sum()
        bin_ = tally[max(low for low in tally if low <= share)]
        bin_[0] += 1
        bin_[1] += right
    return ", ".join(f"from {low} {right / max(1, count):.2f} of {count}" for low, (count, right) in tally.items())


def held_out(pieces, penalty):
    """Pieces are (style, rows, answer). Gives for each the odds of its rows by weights that never saw its style."""
    out = []
    for fold in folds(sorted({p[0] for p in pieces})):
        weights = logit([p[1:] for p in pieces if p[0] not in fold], penalty)
        out += [(style, rows @ weights, answer) for style, rows, answer in pieces if style in fold]
    return out


def learn_choice(pieces, penalty):
    """Gives the weights, the share of held-out answers that are right, and how many there are."""
    right = sum(int(np.argmax(odds)) == answer for _, odds, answer in held_out(pieces, penalty))
    return logit([p[1:] for p in pieces], penalty), right / len(pieces), len(pieces)


def learn_presence(pieces):
    """Pieces are (style, features, whether it is there). Gives the trees, and how many held-out pieces that have it and
    that have not are told so where a share of the odds is asked for."""
    def grow_presence(part):
        return Trees(np.array([p[1] for p in part]), np.array([float(p[2]) for p in part]), None, PRESENCE_TREES)

    shares = {True: [], False: []}
    for fold in folds(sorted({p[0] for p in pieces})):
        trees = grow_presence([p for p in pieces if p[0] not in fold])
        for style, features, there in pieces:
            if style in fold:
                shares[there].append(1 / (1 + math.exp(-trees.odds(np.array([features]))[0])))
    told = ", ".join(f"from {least}: {np.mean(np.array(shares[True]) >= least):.3f} and {np.mean(np.array(shares[False]) < least):.3f}"
                     for least in (0.5, 0.6, 0.7, 0.8, 0.9))
    return grow_presence(pieces), told


def phase_pieces(items):
    return [(item["style"], np.array(item["phase"]["shifts"]), item["phase"]["answer"])
            for item in items if item["phase"] and item["phase"]["answer"] >= 0]


def key_scale(width):
    """What the features are multiplied with, so that one penalty serves all."""
    by_mode = (width - KEY_SHARED) // 2
    mode = np.r_[np.ones(KEY_CLASSES), np.full(by_mode - KEY_CLASSES, TRIAD_SCALE)]
    return np.r_[np.ones(KEY_SHARED), mode, mode]


def key_rows(keys):
    """Features of the 24 keys, those by mode in columns of their own."""
    keys = np.array(keys)
    apart = np.zeros((24, 2, keys.shape[1] - KEY_SHARED))
    apart[:12, 0], apart[12:, 1] = keys[:12, KEY_SHARED:], keys[12:, KEY_SHARED:]
    rows = np.hstack([keys[:, :KEY_SHARED], apart.reshape(24, -1)])
    return rows * key_scale(rows.shape[1])


def key_pieces(items):
    return [(item["style"], key_rows(item["key"]["keys"]), item["key"]["answer"])
            for item in items if item["key"] and item["key"]["answer"] >= 0]


def learn_key(pieces):
    weights, right, count = learn_choice(pieces, KEY_PENALTY)
    return weights * key_scale(len(weights)), right, count


def tone_pieces(items):
    """Single tones, chords that swell and a bass among drums have no known key, but tones."""
    tonal = ("ambient", "drone", "oneshot", "babble", "rubato", "boombap", "bluesloop", "dembowloop", "halftimeloop")
    return [(item["style"], item["key"]["presence"], item["key"]["answer"] >= 0)
            for item in items if item["key"] and (item["key"]["answer"] >= 0 or item["style"] not in tonal)]


def braced(numbers):
    return "{" + ", ".join(numbers) + "}"


def print_weights(name, weights, comment):
    print(f"// {comment}\ninline constexpr std::array<double, {len(weights)}> {name}" + braced(f"{w:.4f}" for w in weights) + ";\n")


def print_trees(name, trees):
    def digits(value):
        text = f"{value:.8g}"
        return f"{text}F" if "." in text or "e" in text else f"{value:.1f}F"

    print(f"inline constexpr std::array<LearnedTree, {len(trees.trees)}> {name}{{{{")
    for questions, leaves in trees.trees:
        features, thresholds = braced(str(f) for f, _ in questions), braced(digits(t) for _, t in questions)
        print("    {" + ", ".join([features, thresholds, braced(f"{v:.5f}F" for v in leaves)]) + "},")
    print("}};\n")


def main():
    items = [json.loads(line) for line in open(sys.argv[1])]
    trees, tempered, score, reliable = learn_tempo(items)
    phase, phase_right, phase_count = learn_choice(phase_pieces(items), PENALTY)
    beat = learn_presence([(item["style"], item["presence"], item["truth"] > 0) for item in items])
    key, key_right, key_count = learn_key(key_pieces(items))
    tones = learn_presence(tone_pieces(items))
    styles = len({item["style"] for item in items})
    print("// What the audio analysis has learned from the synthesised corpus, written by tests/bench/train_audio.py.")
    print("#pragma once\n\n#include <array>\n\n#include \"kbeat/audio/learned_trees.hpp\"\n")
    print("namespace kbeat::audio::weights {\n")
    print(f"// Items 0 to {len(items) - 1} of tests/bench/corpus.cpp, seed {SEED}, {styles} styles held out in {FOLDS} folds,")
    print(f"// learned on {datetime.date.today()}.")
    print("// clang-format off\n")
    print(f"// Held out, {score['pieces']} pieces: Acc1 {score['acc1'] / score['pieces']:.3f}, Acc2 {score['acc2'] / score['pieces']:.3f}.")
    print(f"// Right of answers by their share: {reliable}.")
    print(f"inline constexpr double k_tempo_temper = {tempered:.4f};")
    print_trees("k_tempo_trees", trees)
    print_weights("k_phase", phase, f"Held out, {phase_count} pieces tracked at their tempo: {phase_right:.3f} right.")
    print(f"// Held out, of those with a beat and of those without, by the share asked for: {beat[1]}.")
    print_trees("k_presence_trees", beat[0])
    print_weights("k_key", key, f"Held out, {key_count} pieces: {key_right:.3f} right.")
    print(f"// Held out, of those with a key and of those without, by the share asked for: {tones[1]}.")
    print_trees("k_key_presence_trees", tones[0])
    print("// clang-format on\n\n}  // namespace kbeat::audio::weights")


if __name__ == "__main__":
    main()
