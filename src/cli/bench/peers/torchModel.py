"""PyTorch as a peer of the bench of a real model: transformers and PEFT, float32, fused attention, as many threads as ours.

Run by `npm run bench -- smollm2` (realModel.ts) as `python3 -u torchModel.py <folder> <threads>`; needs torch, transformers and
peft. One piece of work per line on stdin, its seconds and the process' peak memory per line on stdout.
"""
import json
import resource
import sys
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, DynamicCache

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
model.eval()
vocabulary = model.config.vocab_size
tuned, optimizer = None, None


def tokens(rows, time_):
    r = torch.arange(rows)[:, None]
    t = torch.arange(time_)[None, :]
    return (t * 7919 + r * 31 + 5) % vocabulary


def train(rows, length):
    global tuned, optimizer
    if tuned is None:
        linear = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
        tuned = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules=linear, task_type="CAUSAL_LM"))
        optimizer = torch.optim.AdamW([p for p in tuned.parameters() if p.requires_grad], lr=1e-4)
    tuned.train()
    ids = tokens(rows, length)
    start = time.perf_counter()
    loss = tuned(input_ids=ids, labels=ids).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_([p for p in tuned.parameters() if p.requires_grad], 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return time.perf_counter() - start


def generate(rows, prompt, new):
    base = model
    base.eval()
    ids = tokens(rows, prompt)
    start = time.perf_counter()
    with torch.inference_mode():
        cache = DynamicCache()
        out = base(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        last = out.logits[:, -1].argmax(-1, keepdim=True)
        for _ in range(new - 1):
            out = base(input_ids=last, past_key_values=cache, use_cache=True)
            last = out.logits[:, -1].argmax(-1, keepdim=True)
    return time.perf_counter() - start


used = 0


def answer(seconds, **more):
    global used
    # CPU time of everything since the last answer: waiting for work costs none.
    now = time.process_time()
    spent, used = now - used, now
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "cpu": spent, "peakBytes": peak, **more}), flush=True)


answer(0, version=torch.__version__)
for line in sys.stdin:
    work = json.loads(line)
    if work["work"] == "train":
        answer(train(work["rows"], work["time"]))
    else:
        answer(generate(work["rows"], work["prompt"], work["new"]))
