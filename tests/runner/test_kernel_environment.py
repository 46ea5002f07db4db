"""A report is the same whatever the cores, and whatever the reader has set up for programs of their own."""

import json
import os

from tests.runner.test_reports import books, write_notebook  # noqa: F401
from vdlab import runner

# What could differ: threads, the kernel's Python, what TensorFlow, Keras, matplotlib and IPython have been told.
TOLD = """
import hashlib, locale, os, sys, time
import cv2, numpy as np
from vdlab.report import figures
plt = figures.plt()
watched = ("OMP_", "OPENBLAS", "MKL", "TF_", "XLA", "KERAS", "JUPYTER_PATH", "PYTHON", "MATPLOTLIBRC", "OPENCV", "KMP")
watched += ("ONE", "LC_", "LANG", "TZ", "MPLBACKEND", "AV_", "NPY_")
kept = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "KERAS_HOME", "MPLBACKEND")
told = {k: v for k, v in os.environ.items() if k.startswith(watched) and v and k not in kept}
told |= {"backend": os.environ.get("MPLBACKEND", "")[-6:], "zone": time.tzname, "coded": sys.stdout.encoding}
told |= {"speech": locale.setlocale(locale.LC_ALL), "fast": cv2.getCPUFeaturesLine()}
told |= {"threads": cv2.getNumThreads(), "size": plt.rcParams["lines.markersize"]}
a = np.random.default_rng(0).normal(size=(300, 5000))
told["sum"] = hashlib.sha256((a @ a.T).tobytes()).hexdigest()
told["keras"] = sorted(os.listdir(os.environ["KERAS_HOME"]))
print(sorted(told.items()))
"""


def test_a_kernel_is_told_the_same_whatever_the_reader_has_set_and_however_many_cores_there_are(
    books,  # noqa: F811
    tmp_path,
    monkeypatch,
):
    write_notebook(books, "01_told", TOLD)
    ask = runner.make_request("synthetic")
    runner.run_report(ask, out=tmp_path / "plain" / "told", jobs=1, limit=60)
    reader = tmp_path / "reader"
    (reader / "kernels" / "python3").mkdir(parents=True)
    (reader / "kernels" / "python3" / "kernel.json").write_text(
        json.dumps({"argv": ["false"], "display_name": "another Python", "language": "python"})
    )
    (reader / "keras.json").write_text('{"floatx": "float64", "backend": "jax"}')
    (reader / "startup.py").write_text("raise SystemExit('the reader has their own start')")
    (reader / "matplotlibrc").write_text("lines.markersize: 33\n")
    for name, value in {
        "JUPYTER_PATH": str(reader),
        "JUPYTER_DATA_DIR": str(reader),
        "PYTHONSTARTUP": str(reader / "startup.py"),
        "KERAS_HOME": str(reader),
        "KERAS_BACKEND": "jax",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "TF_XLA_FLAGS": "--tf_xla_auto_jit=2",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
        "OMP_NUM_THREADS": "5",
        "OPENBLAS_NUM_THREADS": "2",
        "TF_NUM_INTRAOP_THREADS": "7",
        "OPENCV_FOR_THREADS_NUM": "1",
        "MATPLOTLIBRC": str(reader),
        "PYTHONOPTIMIZE": "1",
        "PYTHONDEVMODE": "1",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "latin-1",
        "LC_ALL": "POSIX",
        "LANG": "de_DE.UTF-8",
        "TZ": "Asia/Shanghai",
        "MPLBACKEND": "svg",
        "OPENCV_CPU_DISABLE": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "KMP_BLOCKTIME": "0",
        "AV_LOG_FORCE_COLOR": "1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(reader)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        runner.run_report(ask, out=tmp_path / "other" / "told", jobs=2, limit=60)
    finally:
        os.sched_setaffinity(0, cores)
    plain, other = ((tmp_path / name / "told" / "01_told.html").read_text("utf8") for name in ("plain", "other"))
    assert "&#39;threads&#39;, 2" in plain or "'threads', 2" in plain
    assert other == plain
    assert os.environ["OMP_NUM_THREADS"] == "5"
