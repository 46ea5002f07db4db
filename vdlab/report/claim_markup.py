"""One judged claim as HTML: on a chapter's page, in a live notebook, and on the page of all claims."""

import html
from collections.abc import Mapping

from .figures import format_number
from .ledger import BASES, VERDICTS


def claim_html(claim: Mapping, *, anchor: str = "", page: str = "", all_claims: str = "") -> str:
    """Return a recorded claim with its verdict, section, condition, evidence and rule.

    `anchor` is its id on the page ("claim-…" unless given), `page` the file in which its figure stands, and
    `all_claims` the page on which all claims stand, to which its section leads.
    """
    safe = {k: html.escape(v) for k, v in claim.items() if isinstance(v, str)}
    verdict, own = safe["verdict"], safe.get("id", "")
    anchor = html.escape(anchor) or f"claim-{own}"
    section = f"§{safe['where']}" if safe["where"][:1].isdigit() else safe["where"]
    chip = f'<small><a href="{all_claims}#{own if all_claims else anchor}">{section or "#"}</a></small>'
    chinese = f'<span class="vd-zh" lang="zh">{safe["chinese"]}</span>' if safe.get("chinese") else ""
    condition = f"<em><b>If:</b> {safe['condition']}</em>" if verdict == "holds if" and safe.get("condition") else ""
    figure = f' <a href="{html.escape(page)}#{safe["see"]}">figure</a>' if safe["see"] else ""
    return (
        f'<div class="vd-claim vd-{verdict.replace(" ", "-")}" id="{anchor}"><b>{VERDICTS.get(claim["verdict"], "·")} '
        f"{verdict}</b><span>{safe['text']} {chip}{chinese}{condition}<em>{safe['evidence']}{figure}</em>"
        f'<small class="vd-rule">{html.escape(how_judged(claim))}</small></span></div>'
    )


def how_judged(claim: Mapping) -> str:
    """Return how a claim was judged in a line: on what, from which source or by which rule, with which numbers."""
    if not claim.get("basis"):  # of a report made before claims had rules
        return ""
    judged = claim["verdict"] in ("holds", "holds if", "wrong")
    said = [BASES[claim["basis"]]] if judged else []
    said += [claim["source"]] if claim["source"] else []
    rules = [f"{word} {claim[key]}" for key, word in (("holds", "holds:"), ("holds_if", "holds if:")) if claim[key]]
    if rules:
        said.append("; ".join([*rules, "else wrong"]))
    if claim["numbers"]:
        said.append("here " + ", ".join(f"{k} = {format_number(v)}" for k, v in claim["numbers"].items()))
    return " · ".join(said)
