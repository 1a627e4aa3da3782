"""Draws a whole distilled model of the published size, in the layout of diffusers, for "zoetrope bench gpu --model-folder".

Its weights are random, so its clips show nothing; they take the time and the memory that the published ones take. 68 GB
in bfloat16: a folder in memory is the fastest place. The tokenizer is the one of the shipped model.
"""

import argparse
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from huggingface_hub import split_torch_state_dict_into_shards
from safetensors.torch import save_file

HOME = Path(__file__).resolve().parent.parent
TYPE = torch.bfloat16
SHARD = "1GB"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")
SCHEDULER = {"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 1000, "shift": 1.0,
             "use_dynamic_shifting": False, "shift_terminal": None}


def networks(layers):
    """What to draw: folder, how to make it, whose file names its shards have. With fewer layers than published to try it."""
    from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video, LTX2VideoTransformer3DModel
    from diffusers.pipelines.ltx2 import LTX2TextConnectors, LTX2Vocoder

    model = "diffusion_pytorch_model"
    yield "transformer", lambda: LTX2VideoTransformer3DModel(num_layers=layers, rope_type="split"), model
    yield "text_encoder", lambda: gemma(layers), "model"
    yield "connectors", lambda: LTX2TextConnectors(text_proj_in_factor=layers + 1, rope_type="split"), model
    yield "vae", lambda: AutoencoderKLLTX2Video(
        decoder_causal=False, spatial_compression_ratio=32, temporal_compression_ratio=8), model
    yield "audio_vae", AutoencoderKLLTX2Audio, model
    yield "vocoder", LTX2Vocoder, model


def gemma(layers):
    """Gemma 3 12B; of its eyes, which do not read text, only a trace."""
    from transformers import Gemma3Config, Gemma3ForConditionalGeneration

    text = dict(
        hidden_size=3840, intermediate_size=15360, num_hidden_layers=layers, num_attention_heads=16, num_key_value_heads=8,
        head_dim=256, vocab_size=262208, query_pre_attn_scalar=256, sliding_window=1024, sliding_window_pattern=6,
        layer_types=["sliding_attention" if (layer + 1) % 6 else "full_attention" for layer in range(layers)],
        rope_parameters={
            "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
        },
    )
    eyes = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=7)
    return Gemma3ForConditionalGeneration(
        Gemma3Config(text_config=text, vision_config=eyes, mm_tokens_per_image=4, boi_token_index=6, eoi_token_index=7,
                     image_token_index=8)
    )


def drawn(make, device):
    torch.manual_seed(1)
    default = torch.get_default_dtype()
    torch.set_default_dtype(TYPE)
    try:
        with torch.device(device):
            return make()
    finally:
        torch.set_default_dtype(default)


def save(network, folder, name, pool):
    """Writes a network by several threads, a file each."""
    folder.mkdir()
    network.config.save_pretrained(folder) if hasattr(network.config, "save_pretrained") else network.save_config(folder)
    tensors = {key: value.to(TYPE) if value.is_floating_point() else value for key, value in network.state_dict().items()
               if key != "lm_head.weight"}  # the same as the embedding
    shards = split_torch_state_dict_into_shards(tensors, filename_pattern=name + "{suffix}.safetensors", max_shard_size=SHARD)
    list(pool.map(lambda file: save_file({key: tensors[key] for key in shards.filename_to_tensors[file]}, folder / file,
                                         metadata={"format": "pt"}), shards.filename_to_tensors))
    if shards.is_sharded:
        index = {"metadata": shards.metadata, "weight_map": shards.tensor_to_filename}
        (folder / f"{name}.safetensors.index.json").write_text(json.dumps(index))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="cuda", help="that draws: cpu, cuda or cuda:N")
    parser.add_argument("--layers", type=int, default=48, help="of transformer and text model")
    options = parser.parse_args()
    options.folder.mkdir(parents=True)
    index = {"_class_name": "LTX2Pipeline", "tokenizer": ["transformers", "GemmaTokenizer"],
             "scheduler": ["diffusers", SCHEDULER["_class_name"]]}
    with torch.inference_mode(), ThreadPoolExecutor(16) as pool:
        for name, make, files in networks(options.layers):
            network = drawn(make, options.device)
            library = type(network).__module__.split(".")
            index[name] = ["ltx2" if "pipelines" in library else library[0], type(network).__name__]
            save(network, options.folder / name, files, pool)
            del network
            print(name, flush=True)
    (options.folder / "tokenizer").mkdir()
    for file in TOKENIZER_FILES:
        shutil.copy(HOME / "models/demo/gemma" / file, options.folder / "tokenizer" / file)
    (options.folder / "scheduler").mkdir()
    (options.folder / "scheduler/scheduler_config.json").write_text(json.dumps(SCHEDULER))
    (options.folder / "model_index.json").write_text(json.dumps(index))


if __name__ == "__main__":
    main()
