"""Runs the stages of a workload with the reference implementation, when told to.

The counterpart of "zoetrope bench runner": the same questions on standard input, the same answers on standard output
(README.md). With --once it makes one clip and ends. The workload "sized" is for "zoetrope bench gpu": a drawn transformer
in a file, or a whole distilled model in a folder, at the size that a question names.
"""

import argparse
import json
import os
import re
import sys
import time

import torch

PROMPT = "A red circle moves left to right on a blue background with a high tone."
TEXT_SLOTS = 1024
SPATIAL_SCALE = 32
TIME_SCALE = 8
AUDIO_LATENTS_PER_SECOND = 16000 / 160 / 4
DISTILLED = [1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875]

# The same as io.zoetrope.bench.Workload.
WORKLOADS = {
    "demo": dict(type=torch.float32, frames=17, height=96, width=96, fps=8.0, steps=10, guidance=2.0, complete=True),
    "middle-float32": dict(type=torch.float32, frames=33, height=256, width=256, fps=24.0, steps=4, guidance=1.0, complete=False),
    "middle-bfloat16": dict(type=torch.bfloat16, frames=33, height=256, width=256, fps=24.0, steps=4, guidance=1.0, complete=False),
}

# Names of the official checkpoint, and what they are called here.
RENAMED = [
    (r"^model\.diffusion_model\.", ""),
    (r"^(audio_)?patchify_proj\.", r"\1proj_in."),
    (r"^(audio_)?adaln_single\.", r"\1time_embed."),
    (r"^av_ca_(video|audio)_scale_shift_adaln_single\.", r"av_cross_attn_\1_scale_shift."),
    (r"^av_ca_a2v_gate_adaln_single\.", "av_cross_attn_video_a2v_gate."),
    (r"^av_ca_v2a_gate_adaln_single\.", "av_cross_attn_audio_v2a_gate."),
    (r"\.scale_shift_table_a2v_ca_(video|audio)$", r".\1_a2v_cross_attn_scale_shift_table"),
    (r"\.([qk])_norm\.", r".norm_\1."),
]


class Complete:
    """A whole pipeline in a folder."""

    def __init__(self, folder, workload):
        from diffusers import LTX2Pipeline

        self.workload = workload
        if workload["device"] == "cpu":
            self.pipe = LTX2Pipeline.from_pretrained(folder, torch_dtype=workload["type"])
            self.pipe.to(workload["device"], workload["type"])
        else:  # straight to the device: the host's memory may not hold a second copy
            torch.cuda.set_device(workload["device"])
            self.pipe = LTX2Pipeline.from_pretrained(folder, torch_dtype=workload["type"], device_map="cuda")
        self.pipe.set_progress_bar_config(disable=True)
        self.transformer = self.pipe.transformer
        self.generator = torch.Generator().manual_seed(1)

    def prepare(self):
        frames, height, width, sound = grids(self.workload)
        device = self.workload["device"]
        self.latents = torch.randn(1, 128, frames, height, width, generator=self.generator).to(device)
        audio = self.pipe.audio_vae
        bins = audio.config.mel_bins // self.pipe.audio_vae_mel_compression_ratio
        self.audio_latents = torch.randn(1, audio.config.latent_channels, sound, bins, generator=self.generator).to(device)
        embeddings, mask, _, _ = self.pipe.encode_prompt(PROMPT, do_classifier_free_guidance=False)
        self.contexts = self.pipe.connectors(embeddings, mask, padding_side=self.pipe.tokenizer.padding_side)

    def text(self):
        positive, positive_mask, negative, negative_mask = self.pipe.encode_prompt(
            PROMPT, "", do_classifier_free_guidance=True
        )
        self.pipe.connectors(
            torch.cat([negative, positive]),
            torch.cat([negative_mask, positive_mask]),
            padding_side=self.pipe.tokenizer.padding_side,
        )

    def picture(self):
        video = self.pipe.vae.decode(self.latents, None, return_dict=False)[0]
        self.pipe.video_processor.postprocess_video(video, output_type="np")

    def sound(self):
        self.pipe.vocoder(self.pipe.audio_vae.decode(self.audio_latents, return_dict=False)[0])

    def clip(self):
        w = self.workload
        return self.pipe(
            prompt=PROMPT,
            negative_prompt="",
            height=w["height"],
            width=w["width"],
            num_frames=w["frames"],
            frame_rate=w["fps"],
            num_inference_steps=w["steps"],
            sigmas=w.get("sigmas"),
            guidance_scale=w["guidance"],
            audio_guidance_scale=w["guidance"],
            stg_scale=0.0,
            audio_stg_scale=0.0,
            modality_scale=1.0,
            audio_modality_scale=1.0,
            guidance_rescale=0.0,
            audio_guidance_rescale=0.0,
            spatio_temporal_guidance_blocks=None,
            generator=self.generator,
            output_type="np",
        )


class Drawn:
    """A transformer alone, in one file with the official names."""

    def __init__(self, file, workload):
        from diffusers import LTX2VideoTransformer3DModel
        from safetensors import safe_open

        self.workload = workload
        with safe_open(file, "pt") as opened:
            config = json.loads(opened.metadata()["config"])["transformer"]
            weights = {renamed(name): opened.get_tensor(name).to(workload["device"], workload["type"]) for name in opened.keys()}
        self.caption = config["caption_channels"]
        with torch.device("meta"):
            self.transformer = LTX2VideoTransformer3DModel(
                num_attention_heads=config["num_attention_heads"],
                attention_head_dim=config["attention_head_dim"],
                cross_attention_dim=config["cross_attention_dim"],
                audio_num_attention_heads=config["audio_num_attention_heads"],
                audio_attention_head_dim=config["audio_attention_head_dim"],
                audio_cross_attention_dim=config["audio_cross_attention_dim"],
                num_layers=config["num_layers"],
                caption_channels=config["caption_channels"],
                rope_type=config["rope_type"],
            )
        self.transformer.load_state_dict(weights, strict=True, assign=True)
        self.transformer.eval()

    def prepare(self):
        place = (self.workload["device"], self.workload["type"])
        generator = torch.Generator().manual_seed(1)
        video = torch.randn(1, TEXT_SLOTS, self.caption, generator=generator).to(*place)
        audio = torch.randn(1, TEXT_SLOTS, self.caption, generator=generator).to(*place)
        self.contexts = (video, audio, torch.ones(1, TEXT_SLOTS, device=place[0]))


def renamed(name):
    for pattern, replacement in RENAMED:
        name = re.sub(pattern, replacement, name)
    return name


def grids(workload):
    """Latent frames, rows and columns of the picture; latent frames of the sound."""
    return (
        (workload["frames"] - 1) // TIME_SCALE + 1,
        workload["height"] // SPATIAL_SCALE,
        workload["width"] // SPATIAL_SCALE,
        round(workload["frames"] / workload["fps"] * AUDIO_LATENTS_PER_SECOND),
    )


def passes(runner):
    """Evaluations of the transformer with one prompt; the positions are made once, as the pipeline does."""
    workload, transformer = runner.workload, runner.transformer
    frames, height, width, sound = grids(workload)
    generator = torch.Generator().manual_seed(2)
    place = (workload["device"], workload["type"])
    video = torch.randn(1, frames * height * width, 128, generator=generator).to(*place)
    audio = torch.randn(1, sound, transformer.config.audio_in_channels, generator=generator).to(*place)
    video_coordinates = transformer.rope.prepare_video_coords(1, frames, height, width, video.device, fps=workload["fps"])
    audio_coordinates = transformer.audio_rope.prepare_audio_coords(1, sound, audio.device)
    seconds = []
    for step in range(workload["steps"]):
        timestep = torch.tensor([1000.0 * (1 - step / workload["steps"])], device=workload["device"])
        finish(workload)
        start = time.perf_counter()
        transformer(
            hidden_states=video,
            audio_hidden_states=audio,
            encoder_hidden_states=runner.contexts[0],
            audio_encoder_hidden_states=runner.contexts[1],
            encoder_attention_mask=runner.contexts[2],
            audio_encoder_attention_mask=runner.contexts[2],
            timestep=timestep,
            sigma=timestep,
            num_frames=frames,
            height=height,
            width=width,
            fps=workload["fps"],
            audio_num_frames=sound,
            video_coords=video_coordinates,
            audio_coords=audio_coordinates,
            use_cross_timestep=True,
            return_dict=False,
        )
        finish(workload)
        seconds.append(time.perf_counter() - start)
    return seconds[1:]


def finish(workload):
    """A GPU computes while Python goes on."""
    if workload["device"] != "cpu":
        torch.cuda.synchronize()


def dimensions(size):
    return dict(zip(("width", "height", "frames"), map(int, size.split("x"))))


def run(runner, stage, size):
    if size:
        runner.workload.update(dimensions(size))
    if stage == "pass":
        return passes(runner)
    start = time.perf_counter()
    getattr(runner, stage)()
    finish(runner.workload)
    return [time.perf_counter() - start]


def peak_bytes(workload):
    """Of the device since this was asked last, where it is a GPU."""
    if workload["device"] != "cpu":
        most = torch.cuda.max_memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        return most
    return resident_bytes("VmHWM:")


def resident_bytes(name):
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def say(answer, out):
    out.write(json.dumps(answer) + "\n")
    out.flush()


def sized(options):
    """Eight steps without guidance, as a distilled model makes a clip."""
    return dict(dimensions(options.size), type=getattr(torch, options.type), fps=24.0, steps=len(DISTILLED),
                sigmas=DISTILLED, guidance=1.0, complete=os.path.isdir(options.model))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workload", required=True, choices=[*WORKLOADS, "sized"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    parser.add_argument("--type", default="bfloat16", choices=("float32", "bfloat16"), help="of the workload sized")
    parser.add_argument("--size", default="256x256x9", help="of the workload sized, until a question names another one")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    answers, sys.stdout = sys.stdout, sys.stderr  # libraries that print must not answer
    workload = dict(sized(options) if options.workload == "sized" else WORKLOADS[options.workload], device=options.device)
    with torch.inference_mode():
        runner = (Complete if workload["complete"] else Drawn)(options.model, workload)
        if options.once:
            runner.clip()
            return
        runner.prepare()
        say({"ready": True}, answers)
        for line in sys.stdin:
            question = json.loads(line)
            if "peak" in question:
                say({"bytes": peak_bytes(workload), "anonymous": resident_bytes("RssAnon:")}, answers)
            else:
                say({"seconds": run(runner, question["stage"], question.get("size"))}, answers)


if __name__ == "__main__":
    main()
