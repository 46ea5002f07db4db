"""JupyterLab in this process, so that it ends as every command does: kernels first, a sentence, the signal's exit code.

By itself it ends with 0 whatever it was told, and where a terminal closes it leaves its files of running servers
behind. Loading this module loads JupyterLab.
"""

import difflib
import logging
import signal

from jupyterlab.labapp import LabApp

from ..base.errors import ParameterError, VdlabError
from ..base.interrupts import Terminated, ending_with_a_sentence, endings

PATIENCE = 20  # seconds for kernels to end; JupyterLab itself kills them after 5
ANSWERED = "help", "help-all", "version"  # options of every Jupyter command


class ServerApp(LabApp.serverapp_class):
    """The server that knows by which signal it was stopped; 0 where the reader shut it down in the browser."""

    stopped_by = 0

    def init_signal(self) -> None:
        """Let each signal to stop shut down kernels and server; JupyterLab asks first at a terminal's Ctrl-C."""
        before = signal.getsignal(signal.SIGINT)
        super().init_signal()
        asks = signal.getsignal(signal.SIGINT) != before
        for number in endings():
            if number != signal.SIGINT or not asks:
                signal.signal(number, self._told)

    def _told(self, number: int, frame) -> None:
        if not self.stopped_by:  # a second one must not break into the tidying
            self.stopped_by = number
            self.stop(from_signal=True)

    def stop(self, from_signal: bool = False) -> None:
        """Shut down kernels and server. From a signal that was not noted: Ctrl-C, and the reader said yes."""
        if from_signal and not self.stopped_by:
            self.stopped_by = signal.SIGINT
        super().stop(from_signal)
        # Where the tidying fails, JupyterLab would run on, deaf to signals.
        self.io_loop.add_callback_from_signal(self.io_loop.call_later, PATIENCE, self.io_loop.stop)


class _LastWords(logging.Handler):
    """Keeps what was said last and gravest."""

    said = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.said = record.getMessage().removeprefix("ERROR: ").strip()


def serve(folder: str, options: list[str]) -> None:
    """Run JupyterLab on a folder, with options of its own, until it is shut down.

    Raises `Terminated` where a signal did that, `VdlabError` where it cannot start, `ParameterError` for an option that
    it does not have: it would overlook one with a value.
    """
    server = ServerApp.instance(jpserver_extensions={"jupyterlab": True})
    _check(options, {*ANSWERED, *LabApp.flags, *LabApp.aliases, *server.flags, *server.aliases})
    last = _LastWords(logging.CRITICAL)
    server.log.addHandler(last)
    try:
        with ending_with_a_sentence():  # until the server has handlers of its own
            LabApp.launch_instance(argv=[folder, *options])
    except SystemExit as end:
        if end.code:
            raise VdlabError(f"JupyterLab does not start: {last.said or 'the lines above say why'}") from None
    except Exception as error:  # of a certificate that is not there, and the like
        raise VdlabError(f"JupyterLab does not start: {str(error).rstrip('.')}.") from error
    if server.stopped_by:
        raise Terminated(server.stopped_by)


def _check(options: list[str], known: set[str]) -> None:
    for word in options:
        name = word.split("=")[0].lstrip("-")
        if word.startswith("--") and "." not in name and name not in known:
            near = difflib.get_close_matches(name, [*known, "update"], 1)
            raise ParameterError(
                f"JupyterLab has no option --{name}" + (f": did you mean --{near[0]}?" if near else ".")
            )
