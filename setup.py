"""What pyproject.toml cannot say: the notebooks of `notebooks/` are installed as the data of `vdlab.notebooks`."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["vdlab*"]), "vdlab.notebooks"], package_dir={"vdlab.notebooks": "notebooks"})
