"""vdlab: one video clip in, measured chapters on generative video out.

A chapter begins with `lab = vdlab.start("01_keyframes", globals())`, a notebook of your own with
`lab = vdlab.start(clip="mine.mp4")`; it takes what it needs from the rooms:

    base          errors, files that appear whole, work ahead on threads, checks
    video         clips in and out: frames, times, codecs, sound, pictures, optical flow, built-in clips
    report        what a notebook shows and records: parameters, figures, players, widgets
    keyframes     where shots join, and which frames stand for a clip (chapter 01)
    evaluation    how good a picture, a clip, a mask or a generated video is, and what peers do
    features      a frame in numbers: colour, texture, shape, motion; copies found by them (chapter 02)
    codes         frames as a trajectory of eigenframe codes, and back
    training      TensorFlow, the training loop, weights on disk, several devices
    gan           the adversarial game: losses, theory, toy games (chapter 03)
    denoising     noise measured and taken out (chapter 08)
    segmentation  scenes, moving objects, clicks, tracks, annotation files (chapter 07)
    generation    new video from one clip: the GAN on codes, its baseline, recomposition (chapter 04)
    enhancement   more pixels, sharper pictures, old film repaired, files restored (chapter 05)
    diffusion     rectified flow and DDPM on codes: schedules, samplers, network, clip memory (chapter 10)
    privacy       faces found and covered, metadata, what a model remembers (chapter 09)
    compression   a clip in fewer bytes: AV1 shot by shot, and rate curves (chapter 06)
    scaling       what each step costs, counted and measured (chapter 11)
    runner        notebooks run headless: requests, reports, pages, sweeps, verification
    cli           the command line, a file a verb

Importing this, or a room, loads neither OpenCV nor TensorFlow: a name is looked up when it is first used. A file
imports only from its own room and from rooms of a lower level, in this order (see tests/test_house.py).
"""

import sys

import lazy_loader

from .base import interrupts

if interrupts.is_command():  # before anything that takes long to import
    interrupts.end_with_a_sentence()

from .base.former_names import Finder

__version__ = "0.1.0"

sys.meta_path.append(Finder())
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
