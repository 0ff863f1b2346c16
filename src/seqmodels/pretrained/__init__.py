"""Real models in the course's own code: a BERT encoder and a Llama decoder, with trained weights.

``bert`` and ``llama`` are the models, to be read; ``minilm`` and ``smollm2`` fill them with weights that others
trained, and bring the tokenizers.
"""

import importlib.resources
import json


def reference() -> dict:
    """What an independent implementation computed from the same weights, with PyTorch, in 32-bit floats.

    Returns:
      ``versions`` of the libraries; under ``encoder``, ``texts`` with their ``token_ids`` and ``embeddings``; under
      ``decoder``, ``prompts``, each with its ``token_ids``, the ``continuation`` by the likeliest tokens, its
      ``text``, the five best scores of the first of them (``first_scores``), and by how much the best token led at
      the closest of its choices (``smallest_margin``). Made by tools/pretrained_reference.py.
    """
    file = importlib.resources.files("seqmodels.pretrained") / "reference.json"
    return json.loads(file.read_text(encoding="utf-8"))
