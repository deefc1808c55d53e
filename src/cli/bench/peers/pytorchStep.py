"""PyTorch as a peer of the bench: the same model, weights, batches and decoding, eager, on the CPU.

Run by `npm run bench` (peer.ts) as `python3 -u pytorchStep.py <inputs> <threads>`; install with
`python3 -m pip install torch==2.13.0`. One piece of work per line on stdin, one answer per line on stdout.
In its favour: its own fused attention (scaled_dot_product_attention), fused AdamW, a key-value cache that is allocated
once and written in place, sampling with its own multinomial, no gradient where none is needed.
"""
import json
import sys
import time
from array import array

import torch
import torch.nn.functional as F

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
inputs = json.load(open(f"{folder}/inputs.json", encoding="utf-8"))
config = inputs["config"]
heads, head_dim, layers = config["num_attention_heads"], config["head_dim"], config["num_hidden_layers"]
eps, vocabulary, width = config["rms_norm_eps"], config["vocab_size"], config["hidden_size"]


def numbers(path, kind):
    values = array(kind)
    with open(path, "rb") as file:
        values.frombytes(file.read())
    return values


flat = torch.tensor(numbers(f"{folder}/weights.f32", "f"), dtype=torch.float32)
tokens = torch.tensor(numbers(f"{folder}/tokens.i32", "i"), dtype=torch.int64)


def fresh_weights():
    weights, at = {}, 0
    for entry in inputs["tensors"]:
        size = 1
        for n in entry["shape"]:
            size *= n
        weights[entry["name"]] = flat[at : at + size].view(entry["shape"]).clone().requires_grad_(True)
        at += size
    return weights


def rotary_table(first, count):
    half = head_dim // 2
    frequency = config["rope_theta"] ** (-torch.arange(half, dtype=torch.float32) / half)
    angles = torch.arange(first, first + count, dtype=torch.float32)[:, None] * frequency
    return angles.cos(), angles.sin()  # [count, half]


def rotate(x, table):
    low, high = x.chunk(2, -1)
    cos, sin = table
    return torch.cat((low * cos - high * sin, high * cos + low * sin), -1)


def forward(weights, ids, table, caches=None, first=0):
    """ids [B, T]; logits [B, T, V]. caches: per layer (k, v) [B, H, capacity, d], filled up to `first`."""
    batch, time_ = ids.shape
    split = lambda x: x.view(batch, time_, heads, head_dim).transpose(1, 2)
    x = F.embedding(ids, weights["model.embed_tokens.weight"])
    for layer in range(layers):
        at = f"model.layers.{layer}"
        h = F.rms_norm(x, (width,), weights[f"{at}.input_layernorm.weight"], eps)
        q = rotate(split(F.linear(h, weights[f"{at}.self_attn.q_proj.weight"])), table)
        k = rotate(split(F.linear(h, weights[f"{at}.self_attn.k_proj.weight"])), table)
        v = split(F.linear(h, weights[f"{at}.self_attn.v_proj.weight"]))
        if caches is not None:
            past_k, past_v = caches[layer]
            past_k[:, :, first : first + time_] = k
            past_v[:, :, first : first + time_] = v
            k, v = past_k[:, :, : first + time_], past_v[:, :, : first + time_]
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=time_ > 1)
        mixed = mixed.transpose(1, 2).reshape(batch, time_, width)
        x = x + F.linear(mixed, weights[f"{at}.self_attn.o_proj.weight"])
        f = F.rms_norm(x, (width,), weights[f"{at}.post_attention_layernorm.weight"], eps)
        gated = F.silu(F.linear(f, weights[f"{at}.mlp.gate_proj.weight"])) * F.linear(f, weights[f"{at}.mlp.up_proj.weight"])
        x = x + F.linear(gated, weights[f"{at}.mlp.down_proj.weight"])
    if caches is not None:
        x = x[:, -1:]
    return F.linear(F.rms_norm(x, (width,), weights["model.norm.weight"], eps), weights["lm_head.weight"])


class Trainer:
    def __init__(self, batch, time_):
        self.weights = fresh_weights()
        adam = inputs["adamw"]
        self.optimizer = torch.optim.AdamW(
            self.weights.values(), lr=adam["learningRate"], betas=(adam["beta1"], adam["beta2"]),
            eps=adam["eps"], weight_decay=adam["weightDecay"], fused=True,
        )
        rows = tokens[: batch * (time_ + 1)].view(batch, time_ + 1)
        self.ids, self.targets = rows[:, :-1].contiguous(), rows[:, 1:].contiguous()
        self.table = rotary_table(0, time_)

    def step(self):
        logits = forward(self.weights, self.ids, self.table)
        loss = F.cross_entropy(logits.view(-1, vocabulary), self.targets.reshape(-1))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights.values(), inputs["adamw"]["maxNorm"])
        self.optimizer.step()
        return loss.item()


class Decoder:
    def __init__(self):
        self.load = inputs["rollout"]
        rows, capacity = self.load["rows"], self.load["promptTokens"] + self.load["newTokens"]
        self.weights = {name: weight.detach() for name, weight in fresh_weights().items()}
        self.prompts = tokens[: rows * self.load["promptTokens"]].view(rows, -1)
        self.tables = [rotary_table(first, 1) for first in range(capacity)]
        self.caches = [tuple(torch.zeros(rows, heads, capacity, head_dim) for _ in "kv") for _ in range(layers)]

    @torch.inference_mode()
    def rollout(self):
        first, new = self.load["promptTokens"], self.load["newTokens"]
        logits = forward(self.weights, self.prompts, rotary_table(0, first), self.caches)[:, -1]
        written = []
        for step in range(new):
            probabilities = torch.softmax(logits, -1)
            drawn = torch.multinomial(probabilities, 1)
            written.append((drawn.tolist(), torch.log(probabilities.gather(1, drawn)).tolist()))
            if step + 1 < new:
                logits = forward(self.weights, drawn, self.tables[first + step], self.caches, first + step)[:, -1]
        return len(written) * self.load["rows"]


def answer(milliseconds, value, **more):
    print(json.dumps({"milliseconds": milliseconds, "value": value, "threads": torch.get_num_threads(), **more}), flush=True)


trainers, decoder = {}, None
answer(0, 0, version=torch.__version__)
for line in sys.stdin:
    work = json.loads(line)
    if work["work"] == "trainStep":
        shape = (work["batch"], work["time"])
        if shape not in trainers:
            trainers[shape] = Trainer(*shape)
        run = trainers[shape].step
    else:
        decoder = decoder or Decoder()
        run = decoder.rollout
    start = time.perf_counter()
    value = run()
    answer((time.perf_counter() - start) * 1000, value)
