"""A cell's code as HTML, coloured by four kinds of word; what has no colour has no markup.

pygments' own page marks every name and comma, which is four fifths of a page's code and no reader sees.
"""

import html
import itertools
from functools import lru_cache

from pygments import token
from pygments.lexers import get_lexer_by_name

_CLASSES = {  # as style.css colours them; they begin as pygments' own do, whose classes code within prose has
    token.Keyword: "k",
    token.Operator.Word: "k",
    token.String: "s",
    token.Number: "m",
    token.Comment: "c",
}


def code_html(source: str) -> str:
    """Return IPython's code as `<pre>` with spans of class k (keyword), s (string), m (number), c (comment)."""
    pieces = []
    classed = lambda pair: next((name for kind, name in _CLASSES.items() if pair[0] in kind), "")
    for kind, run in itertools.groupby(_lexer().get_tokens(source), key=classed):
        text = html.escape("".join(t for _, t in run), quote=False)
        pieces.append(f'<span class="{kind}">{text}</span>' if kind else text)
    return f'<div class="highlight"><pre>{"".join(pieces)}</pre></div>'


@lru_cache
def _lexer():
    return get_lexer_by_name("ipython3", stripnl=False)
